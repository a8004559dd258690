"""A client on a tracking store that is there, in silence."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock
from mlflow import MlflowClient

from runner.errors import StoreError, UsageError
from runner.store.redact import redact
from runner.track.destination import Destination
from runner.track.moved import settle
from runner.track.probe import unreachable

_OPEN_SECONDS: Final = 60.0
_LOGGERS: Final = ("mlflow", "alembic", "urllib3")


def open_client(place: Destination) -> MlflowClient:
    """A client on a store that is there. A local one is made under a lock: its first opening races otherwise."""
    if place.database is None:
        return MlflowClient(place.uri, place.registry)
    place.database.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(place.database.with_suffix(".lock"), timeout=_OPEN_SECONDS):
        fresh = not place.database.exists()
        client = MlflowClient(place.uri, place.registry)  # opens the store already
        client.search_experiments(max_results=1)
        if place.artifacts is not None:
            settle(place.database, place.artifacts)
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
    """No word from MLflow and its libraries: their messages hold credentials and retries; ours say what matters."""
    before = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


@contextmanager
def asked(place: Destination) -> Iterator[MlflowClient]:
    """A client; whatever MLflow raises while it is used is one sentence."""
    trouble = unreachable(place)
    if trouble is not None:
        raise StoreError(f"{place.label}: {trouble}; nothing was changed there")
    try:
        with quiet():
            yield open_client(place)
    except (StoreError, UsageError):
        raise
    except Exception as error:  # an MLflow store may raise anything, from any library below it
        raise StoreError(f"{place.label}: {one_line(error)}; run the same command again") from None
