"""Tables on disk, memory-mapped and shared by all workers; in a process the same key gives the same object.

An entry is a folder: one .npy file an array and `tables.json` with names and checksums. It is written under another
name and renamed, so that it is whole or absent, whoever else writes. What is damaged is set aside and made again.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np

from runner.families.features.table import FeatureTable, WindowTables
from runner.files.atomic import mark_used, new_folder

KEPT: Final = 16  # entries held by this process; they are mapped, not read
VERSION: Final = 1
CHUNK: Final = 1 << 24
PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
ARRAYS: Final = ("x", "series", "origin", "step", "level", "scale", "y", "weight")
PARTS: Final = ("train", "ahead")

_held: OrderedDict[tuple[Path, str], WindowTables] = OrderedDict()
_lock = Lock()


def cached(folder: Path, key: str, make: Callable[[], WindowTables]) -> WindowTables:
    """The tables of `key`: held by this process, else read from `folder/key`, else made and written there.

    A disk that cannot be written costs the sharing, not the run: then the tables stay in memory.
    Raises ValueError for a key that is not a plain file name.
    """
    if not PLAIN.fullmatch(key):
        raise ValueError(f"not a key of the cache: {key!r}")
    name = (folder.absolute(), key)
    with _lock:
        if name in _held:
            _held.move_to_end(name)
            return _held[name]
    entry = name[0] / key
    tables = _read(entry) or _written(entry, make())
    mark_used(entry)
    return _hold(name, tables)


def forget() -> None:
    """Let go of what this process holds."""
    with _lock:
        _held.clear()


def _hold(name: tuple[Path, str], tables: WindowTables) -> WindowTables:
    """The first of two threads wins, so that both get the same object."""
    with _lock:
        kept = _held.setdefault(name, tables)
        _held.move_to_end(name)
        while len(_held) > KEPT:
            _held.popitem(last=False)
        return kept


def _read(entry: Path) -> WindowTables | None:
    """The entry, or None where there is no whole one."""
    try:
        about = json.loads((entry / "tables.json").read_text(encoding="utf-8"))
        if about["version"] != VERSION:
            return None
        train, ahead = (_read_part(entry, part, about) for part in PARTS)
        return WindowTables(train, ahead, tuple(about["dropped"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _read_part(entry: Path, part: str, about: dict[str, Any]) -> FeatureTable:
    """Raises ValueError when a file is not what was written."""
    arrays = {}
    for name, checksum in about["checksums"][part].items():
        path = entry / f"{part}.{name}.npy"
        if _checksum(path) != checksum:
            raise ValueError(f"{path.name} is damaged")
        arrays[name] = _mapped(path)
    return FeatureTable(names=tuple(about["names"]), categorical=tuple(about["categorical"]), **arrays)


def _mapped(path: Path) -> Any:
    """The array, read-only; an empty one cannot be mapped."""
    try:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except ValueError:
        array = np.load(path, allow_pickle=False)
        if array.size:
            raise
        array.flags.writeable = False
        return array


def _written(entry: Path, tables: WindowTables) -> WindowTables:
    """The tables as the entry holds them, or as they were made when it cannot be written."""
    try:
        with new_folder(entry, replace=_read(entry) is None) as scratch:
            _write(scratch, tables)
        return _read(entry) or tables
    except OSError:
        return tables


def _write(folder: Path, tables: WindowTables) -> None:
    checksums: dict[str, dict[str, int]] = {part: {} for part in PARTS}
    for part, table in zip(PARTS, tables, strict=True):
        for name in ARRAYS:
            if (values := getattr(table, name)) is None:
                continue
            path = folder / f"{part}.{name}.npy"
            np.save(path, values, allow_pickle=False)
            checksums[part][name] = _checksum(path)
    about = {
        "version": VERSION,
        "names": tables.train.names,
        "categorical": tables.train.categorical,
        "dropped": tables.dropped,
        "checksums": checksums,
    }
    (folder / "tables.json").write_text(json.dumps(about), encoding="utf-8")


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            checksum = zlib.crc32(chunk, checksum)
    return checksum
