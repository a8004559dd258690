"""A project that was copied or moved, with the local store in it: its artefacts lie here now, and not where they were.

MLflow keeps the place of the artefacts in the database as an absolute address: of each experiment, run, version and
logged model. It has no command that changes them, so the copy of a project would go on writing into the original's
folder. Hence whoever delivers rewrites the addresses of those experiments whose artefacts lie here; those of the
others (only the database was copied, or a person chose another place) stay as they are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit
from urllib.request import url2pathname

_FOLDER: Final = "/mlruns/artifacts"
_COLUMNS: Final = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
    ("logged_models", "artifact_location"),
)
"""Tables and columns of MLflow 3 that hold the address of a place."""
_WAIT: Final = 20.0
"""Seconds for a writer that holds the database."""


def settle(database: Path, artifacts: Path) -> tuple[str, ...]:
    """Rewrite the addresses of experiments whose artefacts lie in `artifacts` by now; the addresses that were left.

    A place that is the same folder under another name (a link) is left as it is, and so is all of a store that does
    not lie beside `artifacts`: it is not the project's own, and was not copied or moved with it.
    """
    found = moves(database, artifacts)
    if found:
        with closing(sqlite3.connect(database, timeout=_WAIT)) as connection, connection:
            for old, new in found.items():
                _rewrite(connection, old, new.as_uri())
    return tuple(found)


def moves(database: Path, artifacts: Path) -> dict[str, Path]:
    """What `settle` would rewrite: address of an experiment's artefacts -> its folder here. Changes nothing."""
    if database.parent != artifacts.parent:
        return {}
    with closing(sqlite3.connect(database, timeout=_WAIT)) as connection:
        return {old: new for old, new in _named(connection, artifacts) if _moved(connection, old, new)}


def settled(address: str, found: Mapping[str, Path]) -> str:
    """An address as it is after these moves."""
    for old, new in found.items():
        if address == old or address.startswith(f"{old}/"):
            return new.as_uri() + address[len(old) :]
    return address


def _named(connection: sqlite3.Connection, artifacts: Path) -> list[tuple[str, Path]]:
    """(address, folder here) of every experiment in a `.../mlruns/artifacts/<its name>` that is not the one here."""
    rows = connection.execute("SELECT name, artifact_location FROM experiments").fetchall()
    ours = [(name, where) for name, where in rows if (where or "").startswith("file:") and where.endswith(_end(name))]
    return [(where, artifacts / name) for name, where in ours if where != (artifacts / name).as_uri()]


def _end(name: str) -> str:
    """How the address of an experiment's folder ends, on every system."""
    return f"{_FOLDER}/{quote(name)}"


def _moved(connection: sqlite3.Connection, old: str, new: Path) -> bool:
    """Whether the folder is here, and with it a run that was delivered to the old address, if there was one."""
    if not new.is_dir() or _same(_path(old), new):
        return False
    question = "SELECT artifact_uri FROM runs WHERE substr(artifact_uri, 1, ?) = ?"
    runs = [where for (where,) in connection.execute(question, (len(old) + 1, f"{old}/"))]
    return not runs or any((new / url2pathname(where[len(old) + 1 :])).exists() for where in runs)


def _rewrite(connection: sqlite3.Connection, old: str, new: str) -> None:
    for table, column in _COLUMNS:
        if column in {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}:
            rest = f"{column} = ? OR substr({column}, 1, ?) = ?"
            change = f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE {rest}"
            connection.execute(change, (new, len(old) + 1, old, len(old) + 1, f"{old}/"))


def _path(address: str) -> Path:
    return Path(url2pathname(urlsplit(address).path))


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
