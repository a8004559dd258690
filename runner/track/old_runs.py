"""Old runs of run-spec in MLflow, superseded or killed, and their deletion.

A parent is deleted with its children, and never when anything in its family is a champion (or has another alias) or is
tagged `keep`, nor while it has the files of a version that is the best model of a current execution: a grown budget
with the same winner makes no new version. Runs of other programs are not read. Files stay for `mlflow gc`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from mlflow import MlflowClient

from runner.track.client import connect, pages
from runner.track.destination import Destination
from runner.track.tags import EXECUTION, KIND, PARENT, RUN_ID, SUPERSEDED_BY, says_keep


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
    bytes: int | None  # of its artifacts, where they are on this machine


@dataclass(frozen=True)
class Registered:
    """What the registry holds of one run."""

    aliased: frozenset[str]  # ids of MLflow runs behind an alias or a `keep`
    plain: dict[str, tuple[tuple[str, str], ...]]  # id of a run -> versions that nothing points at
    run_ids: frozenset[str]  # ours, of those behind an alias or a `keep`
    serving: dict[str, frozenset[tuple[str, str]]]  # id of a run -> (our run id, execution) whose best model it has


def kept_run_ids(place: Destination) -> frozenset[str]:
    """Return run ids behind an alias or a `keep` of the registry. Raises StoreError when it cannot be read."""
    if not place.present:
        return frozenset()
    with connect(place) as client:
        return _registered(client).run_ids


def old_families(place: Destination, before: int) -> tuple[Family, ...]:
    """Return what may be deleted: superseded or killed, and ended before that moment (milliseconds since 1970).

    Raises StoreError when the store cannot be read.
    """
    if not place.present:
        return ()
    with connect(place) as client:
        registered = _registered(client)
        experiments = list(pages(client.search_experiments))
        return tuple(family for e in experiments for family in _old(client, e, registered, before))


def delete_families(place: Destination, families: Sequence[Family]) -> tuple[Family, ...]:
    """Close and delete families; return those that are deleted. One that was resumed since stays.

    Raises StoreError.
    """
    with connect(place, writing=True) as client:
        gone = tuple(family for family in families if client.get_run(family.members[-1]).info.status == family.status)
        for family in gone:
            _delete(client, family)
        return gone


def _delete(client: MlflowClient, family: Family) -> None:
    for name, version in family.versions:
        client.delete_model_version(name, version)
    for member in family.members:
        run = client.get_run(member)
        if run.info.lifecycle_stage == "deleted":
            continue
        if run.info.status == "RUNNING":
            client.set_terminated(member, "KILLED", run.info.start_time)
        client.delete_run(member)


def _old(client: MlflowClient, experiment: Any, registered: Registered, before: int) -> Iterator[Family]:
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
            yield _family(experiment.name, parent, reason, [runs[member] for member in members], registered)


def _is_current(run: Any, runs: Mapping[str, Any]) -> bool:
    """Return whether it is a parent that no other execution has superseded."""
    return run.data.tags.get(KIND) == "run" and not _is_superseded(run, runs)


def _is_superseded(run: Any, runs: Mapping[str, Any]) -> bool:
    """Return whether it has a successor that is still there."""
    return run.data.tags.get(SUPERSEDED_BY) in runs


def _execution(tags: dict[str, str]) -> tuple[str, str]:
    return tags.get(RUN_ID, ""), tags.get(EXECUTION, "")


def _ended(parent: Any, members: Sequence[Any]) -> int:
    """Return when a family ended; of one that was never closed, when something of it last began or ended.

    A run that was resumed is RUNNING with the end that it had before.
    """
    looked = members if parent.info.status == "RUNNING" else [parent]
    return max(int(run.info.end_time or run.info.start_time) for run in looked)


def _reason(run: Any, runs: Mapping[str, Any]) -> str | None:
    """Return why an old parent may be deleted, or None."""
    info = run.info
    if _is_superseded(run, runs):
        return "superseded by another execution"
    if info.status in ("KILLED", "RUNNING"):
        return "killed" if info.status == "KILLED" else "killed, and never closed"
    return None


def _family(experiment: str, parent: Any, reason: str, members: Sequence[Any], registered: Registered) -> Family:
    sizes = [_size(run.info.artifact_uri) for run in members]
    local = [size for size in sizes if size is not None]
    return Family(
        experiment=experiment,
        name=parent.info.run_name,
        run_id=parent.data.tags[RUN_ID],
        reason=reason,
        members=tuple(run.info.run_id for run in members),
        versions=tuple(version for run in members for version in registered.plain.get(run.info.run_id, ())),
        status=parent.info.status,
        ended=_ended(parent, members),
        bytes=sum(local) if len(local) == len(sizes) else None,
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
        {run: tuple(versions) for run, versions in plain.items()},
        frozenset(run_ids),
        {run: frozenset(executions) for run, executions in serving.items()},
    )


def _size(address: str) -> int | None:
    """Return the bytes of a folder of artifacts on this machine; None for one elsewhere."""
    parts = urlsplit(address)
    if parts.scheme not in ("", "file"):
        return None
    return sum(path.stat().st_size for path in Path(unquote(parts.path)).rglob("*") if path.is_file())
