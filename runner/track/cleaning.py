"""Old runs of ours in MLflow: those that were superseded or killed, and how they go.

A parent goes with its children, and never when anything in its family is a champion (or has another alias) or is
tagged `keep`, nor while it has the files of a version that is the best model of a current execution: a grown budget
with the same winner makes no new version. Runs of other programs are not looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from mlflow import MlflowClient
from mlflow.entities import ViewType
from mlflow.store.artifact import artifact_repository_registry
from mlflow.tracking._tracking_service import utils

from runner.track.client import asked
from runner.track.destination import Destination
from runner.track.history import pages
from runner.track.moved import moves, settled
from runner.track.tags import EXECUTION, KIND, PARENT, RUN_ID, SUPERSEDED_BY, says_keep

_TIDIED: Final = "run_spec.tidied"
_store: Any = utils._get_store  # both are untyped; this is the store that `mlflow gc` opens
_artifacts: Any = artifact_repository_registry.get_artifact_repository
Size = Callable[[str], int | None]


@dataclass(frozen=True)
class Family:
    """A parent run with all below it, children first."""

    experiment: str
    name: str
    run_id: str  # ours
    reason: str
    members: tuple[str, ...]  # ids of MLflow runs, the parent last
    versions: tuple[tuple[str, str], ...]  # (registered model, version) without an alias that point into it
    status: str  # of the parent, as MLflow calls it
    ended: int  # milliseconds since 1970; of one that was never closed the last sign of life
    bytes: int | None  # of its artefacts, where they lie on this machine


@dataclass(frozen=True)
class Registered:
    """What the registry holds of one run."""

    aliased: frozenset[str]  # ids of MLflow runs behind an alias or a `keep`
    plain: dict[str, tuple[tuple[str, str], ...]]  # id of a run -> versions that nothing points at
    run_ids: frozenset[str]  # ours, of those behind an alias or a `keep`
    serving: dict[str, frozenset[tuple[str, str]]]  # id of a run -> (our run id, execution) whose best model it has


def kept_run_ids(place: Destination) -> frozenset[str]:
    """Our ids of the runs behind an alias or a `keep` of the registry. Raises StoreError when it cannot be asked."""
    if not place.present:
        return frozenset()
    with asked(place) as client:
        return _registered(client).run_ids


def old_families(place: Destination, before: int) -> tuple[Family, ...]:
    """What may go: superseded or killed, and ended before that moment (milliseconds since 1970).

    Raises StoreError when the server cannot be asked.
    """
    if not place.present:
        return ()
    with asked(place) as client:
        registered, size = _registered(client), _sizes(place)
        found = [
            family
            for experiment in pages(client.search_experiments)
            for family in _old(client, experiment, registered, before, size)
        ]
        return tuple(found)


def remove(place: Destination, families: Sequence[Family], moment: str) -> tuple[tuple[Family, ...], tuple[str, ...]]:
    """Close, delete and (in the local store) wipe them; those that are gone, and where files of theirs were left.

    One that goes on since it was found stays. What an earlier call had no time to wipe goes too. A server's runs are
    deleted there; wiping them is for `mlflow gc` on its own machine. Raises StoreError.
    """
    with asked(place, writing=True) as client:  # in a copied project the addresses would lead to the original's files
        gone = tuple(family for family in families if client.get_run(family.members[-1]).info.status == family.status)
        for family in gone:
            _delete(client, family, moment)
        return gone, () if place.database is None else tuple(_wipe(place, client))


def _delete(client: MlflowClient, family: Family, moment: str) -> None:
    for name, version in family.versions:
        client.delete_model_version(name, version)
    for member in family.members:
        run = client.get_run(member)
        if run.info.lifecycle_stage == "deleted":
            continue
        if run.info.status == "RUNNING":
            client.set_terminated(member, "KILLED", run.info.start_time)
        client.set_tag(member, _TIDIED, moment)
        client.delete_run(member)


def _wipe(place: Destination, client: MlflowClient) -> list[str]:
    """What `mlflow gc` does, for the runs deleted here alone: that command would take deleted experiments along.

    The folders that were left: what lies elsewhere than in the project's own folder may be in use by another store.
    """
    store = _store(place.uri)
    everywhere = [e.experiment_id for e in pages(client.search_experiments, view_type=ViewType.ALL)]
    wanted = f"tags.`{_TIDIED}` != ''"
    gone = pages(
        client.search_runs, experiment_ids=everywhere, filter_string=wanted, run_view_type=ViewType.DELETED_ONLY
    )
    left = []
    for run in list(gone):
        if _is_ours(place, run.info.artifact_uri):
            _artifacts(run.info.artifact_uri).delete_artifacts()
        elif _size(run.info.artifact_uri) != 0:
            left.append(run.info.artifact_uri)
        store._hard_delete_run(run.info.run_id)
    return left


def _is_ours(place: Destination, address: str) -> bool:
    """Whether files may be deleted there. The project's own store is copied and moved: its addresses may be old."""
    folder = _folder(address)
    if not place.own or place.artifacts is None:
        return True
    return folder is not None and folder.resolve().is_relative_to(place.artifacts.resolve())


def _old(client: MlflowClient, experiment: Any, registered: Registered, before: int, size: Size) -> Iterator[Family]:
    ours = f"tags.`{RUN_ID}` != ''"
    runs = {
        run.info.run_id: run
        for run in pages(client.search_runs, experiment_ids=[experiment.experiment_id], filter_string=ours)
    }
    current = {_execution(run.data.tags) for run in runs.values() if _is_current(run, runs)}
    children: dict[str, list[str]] = defaultdict(list)
    for run_id, run in runs.items():
        children[run.data.tags.get(PARENT, "")].append(run_id)
    for parent in (run for run in runs.values() if run.data.tags.get(KIND) == "run"):
        members = tuple(_below(parent.info.run_id, children))
        reason = _reason(parent, runs) if _ended(parent, [runs[member] for member in members]) < before else None
        needed = any(current & registered.serving.get(member, frozenset()) for member in members)
        if reason and not needed and not any(_is_kept(runs[member], registered.aliased) for member in members):
            yield _family(experiment.name, parent, reason, [runs[member] for member in members], registered, size)


def _is_current(run: Any, runs: Mapping[str, Any]) -> bool:
    """Whether it is a parent that no later execution has superseded."""
    return run.data.tags.get(KIND) == "run" and not _is_superseded(run, runs)


def _is_superseded(run: Any, runs: Mapping[str, Any]) -> bool:
    """Whether its successors lead to one that is there and has none; two that point at each other do not."""
    seen: list[str] = []
    while (after := run.data.tags.get(SUPERSEDED_BY)) in runs:
        if after in seen:
            return False
        seen.append(after)
        run = runs[after]
    return bool(seen)


def _execution(tags: dict[str, str]) -> tuple[str, str]:
    return tags.get(RUN_ID, ""), tags.get(EXECUTION, "")


def _ended(parent: Any, members: Sequence[Any]) -> int:
    """When a family came to its end; of one that was never closed, when something of it last began or ended.

    A run that is taken up again is running with the end that it had before.
    """
    looked = members if parent.info.status == "RUNNING" else [parent]
    return max(int(run.info.end_time or run.info.start_time) for run in looked)


def _reason(run: Any, runs: Mapping[str, Any]) -> str | None:
    """Why a parent that is old may go, or None."""
    info = run.info
    if _is_superseded(run, runs):
        return "superseded by a later execution"
    if info.status in ("KILLED", "RUNNING"):
        return "killed" if info.status == "KILLED" else "killed, and never closed"
    return None


def _family(
    experiment: str, parent: Any, reason: str, members: Sequence[Any], registered: Registered, size: Size
) -> Family:
    sizes = [size(run.info.artifact_uri) for run in members]
    known = [one for one in sizes if one is not None]
    return Family(
        experiment=experiment,
        name=parent.info.run_name,
        run_id=parent.data.tags[RUN_ID],
        reason=reason,
        members=tuple(run.info.run_id for run in members),
        versions=tuple(version for run in members for version in registered.plain.get(run.info.run_id, ())),
        status=parent.info.status,
        ended=_ended(parent, members),
        bytes=sum(known) if len(known) == len(sizes) else None,
    )


def _below(run_id: str, children: dict[str, list[str]]) -> Iterator[str]:
    for child in children.get(run_id, ()):
        yield from _below(child, children)
    yield run_id


def _is_kept(run: Any, aliased: frozenset[str]) -> bool:
    return run.info.run_id in aliased or says_keep(run.data.tags)


def _registered(client: MlflowClient) -> Registered:
    aliased: set[str] = set()
    run_ids: set[str] = set()
    plain: dict[str, list[tuple[str, str]]] = defaultdict(list)
    serving: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for model in pages(client.search_registered_models):
        numbers = {str(number) for number in model.aliases.values()}
        for version in pages(client.search_model_versions, filter_string=f"name='{model.name}'"):
            if EXECUTION in version.tags:
                serving[str(version.run_id)].add(_execution(version.tags))
            if str(version.version) in numbers or says_keep(version.tags) or says_keep(model.tags):
                aliased.add(str(version.run_id))
                run_ids.add(version.tags.get(RUN_ID, ""))
            else:
                plain[str(version.run_id)].append((model.name, str(version.version)))
    return Registered(
        frozenset(aliased),
        {run: tuple(found) for run, found in plain.items()},
        frozenset(run_ids),
        {run: frozenset(found) for run, found in serving.items()},
    )


def _sizes(place: Destination) -> Size:
    """What of the files at an address would go, in bytes, once the addresses of a moved project are put right."""
    found = moves(place.database, place.artifacts) if place.database and place.artifacts else {}

    def size(address: str) -> int | None:
        here = settled(address, found)
        return _size(here) if _is_ours(place, here) else 0

    return size


def _size(address: str) -> int | None:
    """Bytes of a folder of artefacts on this machine; None for one elsewhere."""
    folder = _folder(address)
    return None if folder is None else sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _folder(address: str) -> Path | None:
    """The folder on this machine; None for one elsewhere."""
    parts = urlsplit(address)
    return Path(unquote(parts.path)) if parts.scheme in ("", "file") else None
