"""A client on a tracking store that is there, in silence."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mlflow import MlflowClient

from runner.errors import StoreError, UsageError
from runner.files.redact import redact
from runner.track import moved
from runner.track.destination import Destination
from runner.track.probe import unreachable
from runner.track.waiting import only_one

_LOGGERS: Final = ("mlflow", "alembic", "urllib3")


@dataclass
class _Silence:
    """How many threads want silence, and the levels before the first of them."""

    threads: int = 0
    before: Mapping[str, int] = field(default_factory=dict)


_silence: Final = _Silence()
_words: Final = threading.Lock()


def open_client(place: Destination, settle: bool = False) -> MlflowClient:
    """A client on a store that is there. A local one is made under a lock: its first opening races otherwise.

    With `settle`, for those who write, the addresses of a copied or moved project are put right first.
    """
    if place.database is None:
        return MlflowClient(place.uri, place.registry)
    with only_one(place.database):
        fresh = not place.database.exists()
        client = MlflowClient(place.uri, place.registry)  # opens the store already
        client.search_experiments(max_results=1)
        if settle and place.artifacts is not None:
            moved.settle(place.database, place.artifacts)
        if fresh:
            _log_ahead(place.database)
    return client


def _log_ahead(database: Path) -> None:
    """Half the flushes a trial, and readers (`mlflow ui`) that do not wait; a disk that cannot do it stays as it is."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def one_line(error: Exception) -> str:
    """The first line of what MLflow says, without its stack of causes."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return redact(lines[0])[:300]


@contextmanager
def quiet() -> Iterator[None]:
    """No word from MLflow and its libraries: their messages hold credentials and retries; ours say what matters.

    Levels belong to the whole process, hence the last thread to leave gives back what the first one found.
    """
    with _words:
        _silence.before = _silence.before if _silence.threads else _levels()
        _silence.threads += 1
        _set_levels(dict.fromkeys(_LOGGERS, logging.CRITICAL + 1))
    try:
        yield
    finally:
        with _words:
            _silence.threads -= 1
            if not _silence.threads:
                _set_levels(_silence.before)


def _levels() -> dict[str, int]:
    return {name: logging.getLogger(name).level for name in _LOGGERS}


def _set_levels(levels: Mapping[str, int]) -> None:
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@contextmanager
def asked(place: Destination, writing: bool = False) -> Iterator[MlflowClient]:
    """A client; whatever MLflow raises while it is used is one sentence. Who only reads leaves all as it is."""
    trouble = unreachable(place)
    if trouble is not None:
        raise StoreError(f"{place.label}: {trouble}{'; nothing was changed there' if writing else ''}")
    try:
        with quiet():
            yield open_client(place, settle=writing)
    except (StoreError, UsageError):
        raise
    except Exception as error:  # an MLflow store may raise anything, from any library below it
        raise StoreError(f"{place.label}: {one_line(error)}; run the same command again") from None
