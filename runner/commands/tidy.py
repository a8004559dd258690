"""What may be deleted: old runs that were superseded, archived or interrupted, and caches. Nothing else is touched.

A run is superseded when the results document of its name is of another one. Any run stays while it is
champion (or has another alias) on any server that a run of the project was delivered to, while it is tagged `keep`,
and while something of it has not been delivered.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from runner.errors import BusyError, StoreError, UsageError
from runner.files.atomic import store_error
from runner.store.folder import Store
from runner.store.lock import lock, may_live
from runner.store.run import RunFolder
from runner.track.delivery import prepare_delivery
from runner.track.destination import Destination, all_destinations, destination
from runner.track.settings import load_quietly
from runner.track.tags import KEEP, says_keep

if TYPE_CHECKING:
    from runner.track.old_runs import Family

Kind = Literal["run", "cache", "mlflow"]
OLDEST: Final = timedelta(days=36_500)
_AGE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([dhms])")
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


@dataclass(frozen=True)
class Item:
    """One thing that may go."""

    kind: Kind
    name: str
    reason: str
    ended: datetime
    bytes: int | None  # None where unknown
    path: Path | None = None
    family: Family | None = None


@dataclass(frozen=True)
class Survey:
    """Everything that may go, and notes on what is kept."""

    store: Store
    place: Destination
    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        return sum(item.bytes or 0 for item in self.items)


@dataclass
class _Finder:
    store: Store
    before: datetime
    champions: frozenset[str] = frozenset()  # ids of runs, of every registry that a run was delivered to
    known: bool = True  # whether all of them could be asked
    notes: list[str] = field(default_factory=list)


def parse_age(text: str) -> timedelta:
    """Return the age of `30d`, `12h`, `10m` or `0s`. Raises UsageError for anything else."""
    match = _AGE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{text!r} is no age; write 30d, 12h or 10m")
    with suppress(OverflowError):
        age = timedelta(**{_UNITS[match[2]]: float(match[1])})
        if age <= OLDEST:
            return age
    raise UsageError(f"{text[:40]!r} is no age: nothing here is older than {OLDEST.days}d")


def survey(root: Path, age: timedelta) -> Survey:
    """Return what is older than `age` and may go; without a server run folders stay, with a note."""
    store, place = Store(root, read_only=True), destination(os.environ, root)
    finder = _Finder(store, datetime.now(UTC) - age)
    families: tuple[Family, ...] = ()
    for each in all_destinations(store):
        if each.present:
            old_runs = load_quietly("runner.track.old_runs")
            try:
                finder.champions |= old_runs.kept_run_ids(each)
                if each == place:
                    families = old_runs.old_families(each, round(finder.before.timestamp() * 1000))
            except StoreError as error:
                finder.known = False
                finder.notes.append(f"{error}; run folders are kept, since the champion among them is unknown")
    items = [*_runs(finder), *_caches(finder), *map(_delivered, families)]
    return Survey(store, place, tuple(items), tuple(finder.notes))


def clear(listing: Survey) -> tuple[list[Item], list[str]]:
    """Delete what was listed; (deleted items, notes on the others). Running runs are kept."""
    deleted: list[Item] = []
    notes: list[str] = []
    for name in dict.fromkeys(item.name for item in listing.items if item.kind == "run"):
        items = [item for item in listing.items if item.kind == "run" and item.name == name]
        _delete_locked(listing.store, [name], items, deleted, notes)
    names = sorted(
        {*listing.store.names(), *(path.stem for path in listing.store.lock_path("x").parent.glob("*.lock"))}
    )
    _delete_locked(listing.store, names, [item for item in listing.items if item.kind == "cache"], deleted, notes)
    _forget(listing, names, deleted, notes)
    return deleted, notes


def _forget(found: Survey, names: list[str], gone: list[Item], notes: list[str]) -> None:
    """Delete runs in MLflow while no run of their names can begin; an experiment of no name here has no lock."""
    families = {item.family: item for item in found.items if item.family is not None}
    with ExitStack() as locks:
        for name in dict.fromkeys(family.experiment for family in families):
            try:
                if name in names:
                    locks.enter_context(lock(found.store.lock_path(name)))
            except BusyError as error:
                busy = [family for family in families if family.experiment == name]
                notes.append(f"{len(busy)} of {name} in MLflow kept: {error}")
                families = {family: item for family, item in families.items() if family.experiment != name}
        if families:
            deleted = load_quietly("runner.track.old_runs").delete_families(found.place, list(families))
            gone += [families[family] for family in deleted]
            notes += [f"{family.name} kept: it was resumed meanwhile" for family in families if family not in deleted]


def _delete_locked(store: Store, names: list[str], items: list[Item], deleted: list[Item], notes: list[str]) -> None:
    """Delete the folders while no run of these names can begin."""
    if not items:
        return
    try:
        with ExitStack() as locks:
            for name in names:
                locks.enter_context(lock(store.lock_path(name)))
            for item in items:
                assert item.path is not None
                _delete(item.path)
                deleted.append(item)
    except BusyError as error:
        notes.append(f"{len(items)} of {items[0].name} kept: {error}")


def _delete(path: Path) -> None:
    """Rename, then delete, so that a half-deleted folder is never taken for a run."""
    aside = path.with_name(f".{path.name}.tidied")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        path.rename(aside)
        shutil.rmtree(aside)
    except OSError as error:
        raise store_error(path, error) from error


def _runs(finder: _Finder) -> Iterator[Item]:
    for name in finder.store.names():
        current = _current(finder.store, name)
        for folder in (*finder.store.archived(name), *finder.store.runs(name)):
            reason = _reason(finder.store, folder) if folder.path not in current else None
            ended = _ended(folder)
            if reason is not None and ended < finder.before and _is_free(finder, folder):
                yield Item("run", name, reason, ended, _size(folder.path), folder.path)


def _current(store: Store, name: str) -> frozenset[Path]:
    """Return the folder that the results document is of (or several); without one, the last with results."""
    folders = [*store.archived(name), *store.runs(name)]
    document = store.benchmark(name)
    if isinstance(document, dict) and isinstance(document.get("run_id"), str):
        same = [folder for folder in folders if folder.run_id == document["run_id"]]
        exact = [folder for folder in same if _written(folder) == document.get("timestamp")]
        return frozenset(folder.path for folder in exact or same)
    return frozenset([folder.path for folder in folders if _has_results(folder)][-1:])


def _written(folder: RunFolder) -> Any:
    """Return when its own results document was made, which tells an archived run from its successor."""
    document = folder.document("benchmark")
    return document.get("timestamp") if isinstance(document, dict) else None


def _has_results(folder: RunFolder) -> bool:
    """Return whether it has finished a budget, even if interrupted at a larger one since."""
    return folder.is_finished() or folder.has_finished() or (folder.path / "benchmark.json").is_file()


def _reason(store: Store, folder: RunFolder) -> str | None:
    """Return the reason this run may be deleted; None while it is running."""
    status = folder.status()
    if status is not None and status.state == "running" and may_live(status.pid, status.host, status.last_started):
        return None
    if folder.path.name != folder.run_id:
        return "archived by --force"
    return _superseded(store, folder) if _has_results(folder) else "interrupted"


def _superseded(store: Store, folder: RunFolder) -> str:
    """Return why the current results are not of this run; a run with --set never is."""
    document, status = store.benchmark(folder.name), folder.status()
    results = document if isinstance(document, dict) else {}
    of_run = f"the results are of {results.get('run_id')}" if results.get("run_id") else "there are results of none"
    if status is not None and status.overrides:
        return f"a run with --set; {of_run}"
    later = not results or str(_written(folder) or "") <= str(results.get("timestamp", ""))
    return "superseded by a later run" if later else of_run


def _is_free(finder: _Finder, folder: RunFolder) -> bool:
    """Return whether it may go: it has no alias, no `keep`, and no pending event."""
    if not finder.known or folder.run_id in finder.champions or _says_keep(folder):
        return False
    try:
        delivery = prepare_delivery(folder, finder.store)
    except StoreError as error:
        finder.notes.append(f"{error}; it is kept")
        return False
    if delivery is None or not delivery.pending:
        return True
    archived = folder.path.name != folder.run_id
    way = "delete it by hand, since an archived run is not delivered" if archived else "`run-spec sync` delivers them"
    finder.notes.append(f"{folder.name}/{folder.path.name}: kept, {delivery.pending} events pending; {way}")
    return False


def _ended(folder: RunFolder) -> datetime:
    status = folder.status()
    if status is not None and (status.finished or status.started):
        return datetime.fromisoformat(status.finished or status.started)
    return datetime.fromtimestamp(folder.path.stat().st_mtime, UTC)


def _says_keep(folder: RunFolder) -> bool:
    """Return whether a file `keep` is in the folder, or a tag in its spec."""
    spec = folder.document("spec.resolved") or {}
    tags = spec.get("tracking", {}).get("tags", {})
    return (folder.path / KEEP).exists() or says_keep(tags)


def _caches(finder: _Finder) -> Iterator[Item]:
    """Yield the tables and panels that no run has used since."""
    for part in sorted(path for path in finder.store.cache.glob("*") if path.is_dir()):
        for entry in sorted(path for path in part.iterdir() if path.is_dir()):
            last = datetime.fromtimestamp(entry.stat().st_mtime, UTC)  # set on every use
            if last < finder.before:
                yield Item("cache", part.name, "can be made again", last, _size(entry), entry)


def _delivered(family: Family) -> Item:
    ended = datetime.fromtimestamp(family.ended / 1000, UTC)
    runs = len(family.members)
    reason = f"{family.reason}; {runs} run{'s' if runs != 1 else ''} with its children"
    if family.versions:
        reason += f", {len(family.versions)} registered version{'s' if len(family.versions) != 1 else ''} without alias"
    return Item("mlflow", family.name, reason, ended, family.bytes, family=family)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
