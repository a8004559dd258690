"""Run folder -> tracking server. Made from what is on disk alone, so any finished run can be delivered at any time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runner.errors import StoreError
from runner.store.folder import Store
from runner.store.lock import may_live, try_lock
from runner.store.run import RunFolder
from runner.track.destination import Destination, destination_of
from runner.track.events import DeliveryReport, pending
from runner.track.settings import load_quietly
from runner.track.tags import OVERRIDES
from runner.values.records import RunSnapshot, RunStatus, Scoreboard
from runner.values.section import as_values

if TYPE_CHECKING:
    from runner.track.sender import MlflowSender

ARTIFACTS = (
    "spec.yaml",
    "spec.resolved.json",
    "plan.json",
    "environment.json",
)
"""Documents of a run folder that are delivered from its first trial on."""
RESULTS = ("benchmark.json", "report.html", "report.md", "series_scores.parquet")
"""Those of a finished run, with its plots and forecasts; in a run that is not finished they may be outdated."""
PATIENCE: Final = 20.0
"""Seconds to wait for another delivery of the same run, which stops after its current event."""


@dataclass(frozen=True)
class Delivery:
    """What is to be delivered of a run, and where to."""

    folder: RunFolder
    snapshot: RunSnapshot
    place: Destination
    store: Store

    @property
    def pending(self) -> int:
        """Return the number of events that the destination does not have."""
        return pending(self.snapshot, self.folder.marks(self.place.label) if self.place.present else ())


def prepare_delivery(folder: RunFolder, store: Store) -> Delivery | None:
    """Return the delivery of a run; None when there is nothing to deliver. Imports no MLflow.

    Raises StoreError when its records are not what this version writes, or a finished run has no scoreboard.
    """
    status = folder.status()
    spec = folder.document("spec.resolved", object)  # of any shape: another one than ours is reported below
    if status is None or spec is None:
        return None
    if status.state == "running" and not may_live(status.pid, status.host, status.last_started):
        status = status.model_copy(update={"state": "interrupted"})  # killed before it could write so
    try:
        return Delivery(folder, take_snapshot(folder, status, spec), destination_of(spec, store.root), store)
    except (ValueError, TypeError, LookupError, AttributeError) as error:  # a document of another shape
        cause = f"{type(error).__name__}: {error}".splitlines()[0]
        hint = "run its spec with that version, or delete the folder"
        raise StoreError(f"{folder.path}: its records are of another version ({cause}); {hint}") from None


def deliver(delivery: Delivery, seconds: float | None = None, resend: str = "") -> DeliveryReport:
    """Deliver what is pending exactly once, and everything to a place that has lost the run.

    Events with `resend` in their key are sent although they are marked, since what they made may have been deleted.
    A server that is away is a message and never an error.
    """
    give_up = time.monotonic() + (seconds or float("inf"))
    folder, place = delivery.folder, delivery.place
    with try_lock(folder.delivery_lock, min(PATIENCE, (seconds or float("inf")) / 2)) as locked:
        if not locked:
            trouble = "another process is delivering this run"
            waiting = f"{delivery.pending} events pending, `run-spec sync` delivers them"
            return DeliveryReport(0, delivery.pending, f"{place.label}: {trouble}; {waiting}", trouble)
        now = prepare_delivery(folder, delivery.store) or delivery  # it may have grown while the lock was waited for
        now = replace(now, snapshot=replace(now.snapshot, register=delivery.snapshot.register))  # as the caller set it
        return send_pending(now, open_sender(place), lambda: time.monotonic() > give_up, True, resend)


def open_sender(place: Destination) -> MlflowSender:
    """Return a sender; MLflow is imported here and not before, because a finished run has nothing to send."""
    sender: MlflowSender = load_quietly("runner.track.sender").MlflowSender(place)
    return sender


def send_pending(
    delivery: Delivery,
    sender: MlflowSender,
    give_up: Callable[[], bool],
    check_store: bool = False,
    resend: str = "",
) -> DeliveryReport:
    """Deliver what is not marked yet, and mark what arrives. The caller holds the lock of the deliveries."""
    folder, label = delivery.folder, delivery.place.label
    marks = {key for key in folder.marks(label) if not resend or resend not in key}
    return sender.deliver(delivery.snapshot, marks, lambda keys: folder.mark(label, keys), give_up, check_store)


def take_snapshot(folder: RunFolder, status: RunStatus, spec: Mapping[str, Any]) -> RunSnapshot:
    """Return all that is delivered of a run, read from its folder."""
    finished = status.state == "finished"
    board = folder.document("scoreboard") if finished else None
    if finished and board is None:
        hint = "run its spec again, which fits nothing twice, or delete the folder"
        raise StoreError(f"{folder.path}: the run is finished, and its scoreboard.json is gone or damaged; {hint}")
    environment = folder.document("environment") or {}
    return RunSnapshot(
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
        artifacts=tuple(_artifacts(folder.path, finished)),
        models=folder.finals() if finished else {},
        trials=spec["tracking"]["trials"],
        register="none" if status.overrides else spec["tracking"]["register"],
    )


def _artifacts(path: Path, finished: bool) -> Iterator[tuple[Path, str]]:
    """Yield (file, folder in MLflow)."""
    names = (*ARTIFACTS, *RESULTS) if finished else ARTIFACTS
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
    """Return the tag of a run with --set."""
    return {OVERRIDES: " ".join(f"--set {override}" for override in status.overrides)} if status.overrides else {}


def _gates(folder: RunFolder) -> dict[str, str]:
    """Return tags with the verdict on all gates, and on each."""
    gates = (folder.document("benchmark") or {}).get("gates", [])
    verdicts = {str(gate["verdict"]) for gate in gates}
    whole = next((verdict for verdict in ("failed", "unknown", "passed") if verdict in verdicts), None)
    each = {
        f"run_spec.gate.{number}": f"{gate['verdict']}: {gate['gate']}: {gate['reason']}"
        for number, gate in enumerate(gates, start=1)
    }
    return {"run_spec.gates": whole, **each} if whole else {}


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted path, value); lists stay whole, empty maps and nulls are left out."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif value is not None:
            yield f"{prefix}{key}", value
