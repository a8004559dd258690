"""A glance at the local store: its database, read only, by a few tables and columns that are checked first."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from runner.errors import StoreError
from runner.track.destination import Destination
from runner.track.glance import CHAMPION, Glance, TrackedRun, TrackedTrial, latest, tracked_run, trials_by_model
from runner.track.tags import KIND, RUN_ID, SUPERSEDED_BY
from runner.values.records import TrialRecord

_COLUMNS: Final = {
    "experiments": {"experiment_id", "name", "lifecycle_stage", "last_update_time", "workspace"},
    "runs": {"run_uuid", "experiment_id", "status", "start_time", "end_time", "lifecycle_stage", "artifact_uri"},
    "tags": {"run_uuid", "key", "value"},
    "params": {"run_uuid", "key", "value"},
    "latest_metrics": {"run_uuid", "key", "value", "is_nan"},
    "metrics": {"run_uuid", "key", "value", "step", "is_nan"},
    "registered_model_aliases": {"name", "alias", "version", "workspace"},
}
_PARENTS: Final = f"""
SELECT r.run_uuid, e.name, r.status, r.start_time, r.end_time
FROM tags k CROSS JOIN runs r ON r.run_uuid = k.run_uuid CROSS JOIN experiments e ON e.experiment_id = r.experiment_id
WHERE k.key = '{KIND}' AND k.value = 'run' AND r.lifecycle_stage = 'active'
  AND e.lifecycle_stage = 'active' AND e.workspace = 'default'
  AND NOT EXISTS (
    SELECT 1 FROM tags s CROSS JOIN runs n ON n.run_uuid = s.value
    WHERE s.run_uuid = r.run_uuid AND s.key = '{SUPERSEDED_BY}'
      AND n.lifecycle_stage = 'active' AND n.start_time >= r.start_time)
ORDER BY r.start_time DESC
"""
_TRIALS: Final = f"""
SELECT r.run_uuid, r.start_time
FROM tags i CROSS JOIN runs r ON r.run_uuid = i.run_uuid CROSS JOIN experiments e ON e.experiment_id = r.experiment_id
CROSS JOIN tags k ON k.run_uuid = r.run_uuid
WHERE i.key = '{RUN_ID}' AND i.value = ? AND k.key = '{KIND}' AND k.value = 'trial'
  AND r.lifecycle_stage = 'active' AND e.name = ? AND e.workspace = 'default'
"""
_WAIT: Final = 5.0
"""Seconds for a writer that holds the database."""
_TAGS: Final = "SELECT run_uuid, key, value FROM tags WHERE run_uuid IN"
_PARAMS: Final = "SELECT run_uuid, key, value FROM params WHERE run_uuid IN"
_METRICS: Final = "SELECT run_uuid, key, value FROM latest_metrics WHERE is_nan = 0 AND run_uuid IN"
_CURVES: Final = "SELECT run_uuid, step, value FROM metrics WHERE key = 'curve' AND is_nan = 0 AND run_uuid IN"
Row = tuple[str, str, str, int | None, int | None]


class SqliteGlance:
    """Asks the database of the local store."""

    def __init__(self, place: Destination) -> None:
        self._place = place

    @staticmethod
    def knows(database: Path) -> bool:
        """Whether the tables are as they are known here, and can be read."""
        try:
            with closing(_open(database)) as store:
                return all(wanted <= _columns(store, table) for table, wanted in _COLUMNS.items())
        except sqlite3.Error:
            return False

    def experiments(self) -> tuple[str, ...]:
        """Those with runs of ours by their newest run, then the others."""
        with self._store() as store:
            rows = store.execute(
                "SELECT name FROM experiments WHERE lifecycle_stage = 'active' AND workspace = 'default'"
                " AND name != 'Default' ORDER BY last_update_time DESC"
            )
            others = [name for (name,) in rows]
            return tuple(dict.fromkeys([*(row[1] for row in store.execute(_PARENTS)), *others]))

    def glances(self, names: Sequence[str], most: int) -> Iterator[Glance]:
        """In the order of the names; two questions for all."""
        with self._store() as store:
            found: dict[str, list[Row]] = defaultdict(list)
            counts: Counter[str] = Counter()
            for row in store.execute(_PARENTS):
                counts[row[1]] += 1
                if len(found[row[1]]) < most:
                    found[row[1]].append(row)
            known = {run.key: run for run in self._said(store, [row for name in names for row in found[name]])}
        for name in names:
            runs = latest([known[row[0]] for row in found[name]])
            yield Glance(name, runs, counts[name] - len(found[name]) + len(runs))

    def runs(self, name: str, most: int) -> tuple[TrackedRun, ...]:
        """Those of one experiment."""
        return next(self.glances([name], most)).runs

    def trials(self, run: TrackedRun) -> Mapping[str, tuple[TrialRecord, ...]]:
        """Those of all executions of the run."""
        with self._store() as store:
            starts = dict(store.execute(_TRIALS, (run.run_id, run.name)))
            told = [_by_run(store, question, [*starts]) for question in (_TAGS, _PARAMS, _METRICS, _CURVES)]
        tags, params, metrics, curves = told
        return trials_by_model(
            TrackedTrial(starts[k], tags[k], params[k], metrics[k], [*curves[k].items()]) for k in starts
        )

    def champions(self) -> Mapping[str, str]:
        """By the alias."""
        with self._store() as store:
            question = "SELECT name, version FROM registered_model_aliases WHERE alias = ? AND workspace = 'default'"
            return {name: str(version) for name, version in store.execute(question, (CHAMPION,))}

    def artefact(self, key: str, path: str) -> bytes | None:
        """Of the folder that the run names, when that is on this machine; never of another folder."""
        with self._store() as store:
            row = store.execute("SELECT artifact_uri FROM runs WHERE run_uuid = ?", (key,)).fetchone()
        parts = urlsplit(row[0] if row else "")
        if parts.scheme != "file" or parts.netloc:
            return None
        folder = self._here(Path(url2pathname(parts.path))).resolve()
        wanted = (folder / path).resolve()
        try:
            return wanted.read_bytes() if wanted.is_relative_to(folder) else None
        except OSError:
            return None

    def _here(self, folder: Path) -> Path:
        """The folder, or in a project that was moved the one of that name here; the next delivery writes it down."""
        _, found, rest = folder.as_posix().rpartition("/mlruns/artifacts/")
        if not found or not self._place.own or self._place.artifacts is None or folder.is_dir():
            return folder
        return self._place.artifacts / rest

    @staticmethod
    def _said(store: sqlite3.Connection, rows: Sequence[Row]) -> Iterator[TrackedRun]:
        """The runs of these rows with their tags and scores."""
        keys = [row[0] for row in rows]
        tags, scores = _by_run(store, _TAGS, keys), _by_run(store, _METRICS, keys)
        for key, experiment, status, start, end in rows:
            yield tracked_run(key, experiment, status, (start, end), tags[key], scores[key])

    @contextmanager
    def _store(self) -> Iterator[sqlite3.Connection]:
        if self._place.database is None or not self._place.present:
            raise StoreError(f"{self._place.label}: it is not there any more")
        try:
            with closing(_open(self._place.database)) as store:
                yield store
        except sqlite3.Error as error:
            raise StoreError(f"{self._place.label}: {error}; look again in a moment") from None


def _open(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=_WAIT)


def _columns(store: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in store.execute(f"PRAGMA table_info({table})")}


def _by_run(store: sqlite3.Connection, question: str, keys: Sequence[str]) -> dict[str, dict[Any, Any]]:
    """Run -> key -> value, asked for in pieces that every SQLite takes."""
    found: dict[str, dict[str, Any]] = {key: {} for key in keys}
    for at in range(0, len(keys), 500):
        piece = keys[at : at + 500]
        for run, key, value in store.execute(f"{question} ({','.join('?' * len(piece))})", piece):
            found[run][key] = value
    return found
