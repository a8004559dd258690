"""A project that was copied or moved, with the local store in it: its artefacts lie here now, and not where they were.

MLflow keeps the place of the artefacts in the database as an absolute address: of each experiment, run, version and
logged model. It has no command that changes them, so the copy of a project would go on writing into the original's
folder. The database and the folder are ours alone and move together, hence the addresses are rewritten when the store
is opened; those of places outside `mlruns/artifacts` stay as they are.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

_FOLDER: Final = "/mlruns/artifacts"
_COLUMNS: Final = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
    ("logged_models", "artifact_location"),
)
"""Tables and columns of MLflow 3 that hold the address of a place."""


def settle(database: Path, artifacts: Path) -> tuple[str, ...]:
    """Rewrite addresses of artefacts that lie in `artifacts` by now; the places that were left.

    A place that is the same folder under another name (a link) is left as it is.
    """
    here = artifacts.as_uri()
    with closing(sqlite3.connect(database, timeout=20)) as connection:
        left = tuple(place for place in _places(connection) if place != here and not _same(place, artifacts))
        with connection:
            for place in left:
                _rewrite(connection, place, here)
    return left


def _places(connection: sqlite3.Connection) -> list[str]:
    """Every `.../mlruns/artifacts` in which an experiment of its name lies."""
    rows = connection.execute("SELECT DISTINCT name, artifact_location FROM experiments").fetchall()
    ends = [(where or "", Path(f"{_FOLDER}/{name}").as_uri().removeprefix("file://")) for name, where in rows]
    found = [
        where.removesuffix(end) + _FOLDER for where, end in ends if where.startswith("file:") and where.endswith(end)
    ]
    return list(dict.fromkeys(found))


def _rewrite(connection: sqlite3.Connection, place: str, here: str) -> None:
    for table, column in _COLUMNS:
        if column in {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}:
            change = f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?"
            start = f"{place}/"
            connection.execute(change, (f"{here}/", len(start) + 1, len(start), start))


def _same(place: str, artifacts: Path) -> bool:
    try:
        return Path(unquote(urlsplit(place).path)).samefile(artifacts)
    except OSError:
        return False
