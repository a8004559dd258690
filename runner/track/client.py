"""A client for a tracking store that can be reached. What MLflow raises becomes one sentence."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any, Final
from urllib.parse import quote, urlsplit
from urllib.request import url2pathname

from mlflow import MlflowClient

from runner.errors import RunSpecError, StoreError
from runner.files.atomic import store_error
from runner.files.redact import redact
from runner.track.destination import Destination
from runner.track.settings import ENVIRONMENT, mlflow_settings

PATIENCE: Final = 12
"""Seconds for a first answer. Time-outs are for each read, so a server that drips its answer never reaches one."""
PAGE: Final = 200
"""Results of a search that are requested at once: a server answers within its time-out."""
_STATUS: Final = re.compile(r"error code (\d{3})|too many (\d{3}) error")
_REFUSALS: Final = {"UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403}
_CAUSES: Final = (
    ("refused", "nothing listens there (connection refused)"),
    ("timed out", f"no answer within {ENVIRONMENT['MLFLOW_HTTP_REQUEST_TIMEOUT']} s"),
    ("redirect", "it redirects in a circle; check the address"),
    ("resolve", "the host is not known"),
    ("name or service", "the host is not known"),
    ("json", "what answers there is not an MLflow server; check the address"),
)
"""Words of an error that MLflow raises -> what is wrong."""
_opened: Final[dict[Path, int]] = {}
"""Local store -> inode of the file that this process has opened, and MLflow keeps open."""


@contextmanager
def connect(place: Destination, writing: bool = False) -> Iterator[MlflowClient]:
    """Yield a client. Raises StoreError, in one sentence, for all that MLflow raises while it is used."""
    trouble = unreachable(place) if writing else None
    if trouble is not None:
        raise StoreError(f"{place.label}: {trouble}; nothing was changed there")
    try:
        with mlflow_settings():
            yield open_client(place, writing)
    except RunSpecError:
        raise
    except Exception as error:  # an MLflow store may raise anything, from any library below it
        trouble = unreachable(place) or f"{one_line(error)}; run the same command again"
        raise StoreError(f"{place.label}: {trouble}") from None


def open_client(place: Destination, writing: bool = False) -> MlflowClient:
    """Return a client. A local store is created when it is absent.

    Raises StoreError when the store was replaced since this process opened it, and for a writer when it was moved.
    """
    if place.database is None:
        return MlflowClient(place.uri, place.registry)
    if not place.database.exists():
        _create_store(place.database)
    inode = place.database.stat().st_ino
    if _opened.setdefault(place.database, inode) != inode:
        raise StoreError(f"{place.label}: the store was replaced while this process used it; start it again")
    client = MlflowClient(place.uri, place.registry)
    if writing and place.own:
        _refuse_moved(client, place)
    return client


def unreachable(place: Destination) -> str | None:
    """Return why a server cannot be used, in a few words; None when it can, or when the place is no server."""
    if not place.remote:
        return None
    answers: list[str | None] = []
    thread = Thread(target=lambda: answers.append(_trouble(place)), daemon=True)
    with mlflow_settings():
        thread.start()
        thread.join(PATIENCE)
    return answers[0] if answers else f"no whole answer within {PATIENCE} s"


def one_line(error: Exception) -> str:
    """Return the first line of an error, without MLflow's stack of causes and without credentials."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return redact(lines[0])[:300]


def pages(search: Any, size: int = PAGE, **arguments: Any) -> Iterator[Any]:
    """Yield all results of a search that answers in pages, each requested when it is needed."""
    token: str | None = None
    while True:
        page = search(**arguments, max_results=size, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _trouble(place: Destination) -> str | None:
    try:
        MlflowClient(place.uri).search_experiments(max_results=1)
    except Exception as error:  # requests, urllib3 and MLflow each have their own
        return _explain(error)
    return None


def _explain(error: Exception) -> str:
    """Return what is wrong with a server, from the error that MLflow raised."""
    text = str(error)
    match = _STATUS.search(text)
    status = int(match[1] or match[2]) if match else _REFUSALS.get(getattr(error, "error_code", ""), 0)
    if status in (401, 403):
        return (
            f"the server refuses our credentials ({status}); set MLFLOW_TRACKING_USERNAME and "
            "MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
        )
    if status >= 500 or status == 429:
        return f"the server is in trouble (it answers {status})"
    if status:
        return f"what answers there ({status}) is not an MLflow server; check the address"
    lowered = text.lower()
    return next((cause for word, cause in _CAUSES if word in lowered), f"the server cannot be used ({one_line(error)})")


def _create_store(database: Path) -> None:
    """Create a local store in a folder of its own and link it in place: two processes would tear it otherwise."""
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=database.parent, prefix=".new-", ignore_cleanup_errors=True) as folder:
            fresh, whole = Path(folder) / "fresh.db", Path(folder) / "whole.db"
            MlflowClient(f"sqlite:///{fresh.as_posix()}").search_experiments(max_results=1)
            with closing(sqlite3.connect(fresh)) as source, closing(sqlite3.connect(whole)) as target:
                source.backup(target)
                # Write ahead: a quarter less time a trial, and readers (`mlflow ui`) that do not wait for a delivery.
                target.execute("PRAGMA journal_mode=WAL")
            _link(whole, database)
    except OSError as error:
        raise store_error(database, error) from None


def _link(whole: Path, database: Path) -> None:
    """Give a file its name unless another process was quicker."""
    with suppress(FileExistsError):
        try:
            os.link(whole, database)
        except PermissionError:  # a file system without links
            if not database.exists():
                shutil.move(whole, database)


def _refuse_moved(client: MlflowClient, place: Destination) -> None:
    """Raise StoreError when artifacts would go into the folder of another project.

    MLflow keeps their absolute addresses in the database and has no call to change them.
    """
    assert place.artifacts is not None
    for experiment in pages(client.search_experiments):
        parts = urlsplit(experiment.artifact_location or "")
        end = f"/mlruns/artifacts/{quote(experiment.name)}"
        if parts.scheme != "file" or not parts.path.endswith(end):
            continue
        there, here = Path(url2pathname(parts.path)), place.artifacts / experiment.name
        if there != here and there.resolve() != here.resolve():
            raise StoreError(
                f"{place.label}: the project was copied or moved, and the store still names the artifacts in "
                f"{there.parents[2]}; move mlruns away, and `run-spec sync` delivers everything again"
            )
