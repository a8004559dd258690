"""Run folder -> tracking server. Made from what is on disk alone, so any finished run can be delivered at any time."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runner.errors import StoreError
from runner.store.folder import Store
from runner.store.lock import may_live, try_lock
from runner.store.run import RunFolder
from runner.track.destination import Destination
from runner.track.events import Delivery, pending
from runner.track.places import place_of
from runner.track.tags import OVERRIDES
from runner.values.records import Dossier, RunStatus, Scoreboard
from runner.values.section import as_values

if TYPE_CHECKING:
    from runner.track.mlflow import Messenger

ARTEFACTS = (
    "spec.yaml",
    "spec.resolved.json",
    "plan.json",
    "environment.json",
)
"""Documents of a run folder that are delivered as soon as there is something to tell."""
RESULTS = ("benchmark.json", "report.html", "report.md", "series_scores.parquet")
"""Those of a finished run, beside its plots and forecasts; of another they may be of an earlier budget."""
PATIENCE: Final = 20.0
"""Seconds to wait for another delivery of the same run, which ends with its event in hand."""


@dataclass(frozen=True)
class Parcel:
    """What waits for delivery, and where to."""

    folder: RunFolder
    dossier: Dossier
    place: Destination
    store: Store

    @property
    def pending(self) -> int:
        """Events that the destination does not have."""
        return pending(self.dossier, self.folder.marks(self.place.label) if self.place.present else ())


def pack(folder: RunFolder, store: Store) -> Parcel | None:
    """The parcel of a run; None when there is nothing to tell of it. Imports nothing of MLflow.

    Raises StoreError when its records are not what this version writes, or a finished run has no scoreboard.
    """
    status = folder.status()
    spec = folder.document("spec.resolved", object)  # one of another shape is told below
    if status is None or spec is None:
        return None
    if status.state == "running" and not may_live(status.pid, status.host, status.last_started):
        status = status.model_copy(update={"state": "interrupted"})  # killed before it could say so
    try:
        return Parcel(folder, dossier(folder, status, spec), place_of(spec, store.root), store)
    except (ValueError, TypeError, LookupError, AttributeError) as error:  # a document of another shape
        cause = f"{type(error).__name__}: {error}".splitlines()[0]
        mend = "run its spec with that version, or delete the folder"
        raise StoreError(f"{folder.path}: its records are of another version ({cause}); {mend}") from None


def send(parcel: Parcel, seconds: float | None = None, anew: str = "") -> Delivery:
    """Deliver what is pending exactly once, and everything again to a place that has lost the run.

    Events with `anew` in their key go again though they are marked, since what they made may have been deleted.
    A server that is away is a message and never an error.
    """
    give_up = time.monotonic() + (seconds or float("inf"))
    with try_lock(parcel.folder.delivery_lock, min(PATIENCE, (seconds or float("inf")) / 2)) as mine:
        if not mine:
            trouble = "another delivery of this run is going on"
            waiting = f"{parcel.pending} events pending, `run-spec sync` delivers them"
            return Delivery(0, parcel.pending, f"{parcel.place.label}: {trouble}; {waiting}", trouble)
        now = pack(parcel.folder, parcel.store) or parcel  # it may have gone on while the lock was waited for
        now = replace(now, dossier=replace(now.dossier, register=parcel.dossier.register))  # as the caller wants it
        return hand_over(now, messenger(now.place), lambda: time.monotonic() > give_up, look=True, anew=anew)


def messenger(place: Destination) -> Messenger:
    """MLflow is imported here and not before, because a finished run has nothing to send."""
    made: Messenger = importlib.import_module("runner.track.mlflow").Messenger(place)
    return made


def hand_over(
    parcel: Parcel, messenger: Messenger, give_up: Callable[[], bool], look: bool = False, anew: str = ""
) -> Delivery:
    """Deliver what is not marked yet, and mark what arrives. For the one who holds the lock of the deliveries."""
    folder, label = parcel.folder, parcel.place.label
    marks = {key for key in folder.marks(label) if not anew or anew not in key}
    return messenger.deliver(parcel.dossier, marks, lambda keys: folder.mark(label, keys), give_up, look)


def dossier(folder: RunFolder, status: RunStatus, spec: Mapping[str, Any]) -> Dossier:
    """All that is delivered of a run, read from its folder."""
    finished = status.state == "finished"
    board = folder.document("scoreboard") if finished else None
    if finished and board is None:
        mend = "run its spec again, which fits nothing anew, or delete the folder"
        raise StoreError(f"{folder.path}: the run is finished, and its scoreboard.json is gone or damaged; {mend}")
    environment = folder.document("environment") or {}
    return Dossier(
        name=folder.name,
        run_id=folder.run_id,
        status=status,
        execution=status.execution or status.started,
        seed=spec["study"]["sampler"]["seed"],
        params=dict(_flat(spec)),
        tags={**(_gates(folder) if finished else {}), **_overrides(status), **_tags(spec, environment)},
        digests=environment.get("data", {}),
        plan=folder.document("plan") or {},
        studies={model: folder.trials(model) for model in folder.models()},
        board=Scoreboard.model_validate(as_values(board)) if board is not None else None,
        artefacts=tuple(_artefacts(folder.path, finished)),
        models=folder.finals() if finished else {},
        trials=spec["tracking"]["trials"],
        register="none" if status.overrides else spec["tracking"]["register"],
    )


def _artefacts(path: Path, finished: bool) -> Iterator[tuple[Path, str]]:
    """(file, folder there)."""
    names = (*ARTEFACTS, *RESULTS) if finished else ARTEFACTS
    yield from ((path / name, "") for name in names if (path / name).is_file())
    if not finished:
        return
    yield from ((file, "plots") for file in sorted((path / "plots").glob("*.png")))
    yield from ((file, "forecasts") for file in sorted((path / "forecasts").glob("*.parquet")))


def _tags(spec: Mapping[str, Any], environment: Mapping[str, Any]) -> dict[str, str]:
    git = environment.get("git", {})
    about = {
        "git_commit": git.get("commit"),
        "git_dirty": git.get("dirty"),
        "code_sha256": environment.get("code"),
        "engine": spec["run"]["engine"],
        "workers": spec["run"]["workers"],
        "mlflow.note.content": spec.get("description"),
        **{f"dvc.{file}": revision for file, revision in environment.get("dvc", {}).items()},
    }
    return {**{key: str(value) for key, value in about.items() if value is not None}, **spec["tracking"]["tags"]}


def _overrides(status: RunStatus) -> dict[str, str]:
    """By what a run is known that was only tried out."""
    return {OVERRIDES: " ".join(f"--set {one}" for one in status.overrides)} if status.overrides else {}


def _gates(folder: RunFolder) -> dict[str, str]:
    """The verdict on all gates, and on each."""
    found = (folder.document("benchmark") or {}).get("gates", [])
    verdicts = {str(gate["verdict"]) for gate in found}
    whole = next((verdict for verdict in ("failed", "unknown", "passed") if verdict in verdicts), None)
    each = {
        f"run_spec.gate.{number}": f"{gate['verdict']}: {gate['gate']}: {gate['reason']}"
        for number, gate in enumerate(found, start=1)
    }
    return {"run_spec.gates": whole, **each} if whole else {}


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted path -> value; lists stay whole, empty maps and nulls are left out."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif value is not None:
            yield f"{prefix}{key}", value
