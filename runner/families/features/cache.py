"""Arrays on disk, memory-mapped and shared by all workers; in a process the same tables are the same object.

An entry is a folder: one .npy file an array and `entry.json` with names and checksums. It is written under another
name and renamed, so that it is whole or absent when several processes write. A damaged entry is set aside and made
again. Reading an entry marks it as used.
"""

from __future__ import annotations

import json
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runner.families.features.table import WindowTables
from runner.files.atomic import mark_used, new_folder
from runner.files.checksum import digest

KEPT: Final = 16  # tables in this process; their columns are mapped, not read
VERSION: Final = 2
CHUNK: Final = 1 << 24
INDEX: Final = "entry.json"

Arrays = Mapping[str, NDArray[Any]]
_held: OrderedDict[tuple[Path, str], WindowTables] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Cache:
    """Entries of one window in a folder that all windows, runs and workers share."""

    folder: Path
    window: str
    """Identity of data, code and window; a part of every key."""

    def key(self, *parts: Any) -> str:
        """Return the key of an entry, from all that decides its content (ready for JSON)."""
        return digest([self.window, *parts])[:32]

    def get(self, key: str, make: Callable[[], Arrays]) -> Arrays:
        """Return the arrays of an entry: read, else made and written.

        A disk that cannot be written costs the sharing, not the run: then the arrays stay in memory.
        """
        entry = self.folder.absolute() / key
        arrays = _read(entry)
        return _written(entry, make()) if arrays is None else arrays


def hold(cache: Cache, key: str, make: Callable[[], WindowTables]) -> WindowTables:
    """Return the tables that this process holds under a key, made when it holds none."""
    name = (cache.folder.absolute(), key)
    with _lock:
        if name in _held:
            _held.move_to_end(name)
            return _held[name]
    tables = make()
    with _lock:  # the first of two threads wins, so that both get the same object
        kept = _held.setdefault(name, tables)
        _held.move_to_end(name)
        while len(_held) > KEPT:
            _held.popitem(last=False)
        return kept


def forget() -> None:
    """Drop the tables of this process."""
    with _lock:
        _held.clear()


def _read(entry: Path) -> Arrays | None:
    """Return the entry, or None without a whole one."""
    try:
        index = json.loads((entry / INDEX).read_text(encoding="utf-8"))
        if index["version"] != VERSION:
            return None
        arrays = {name: _read_array(entry / file, checksum) for name, (file, checksum) in index["arrays"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    mark_used(entry)
    return arrays


def _read_array(path: Path, checksum: int) -> NDArray[Any]:
    """Return the array. Raises ValueError when a file is not what was written."""
    if _checksum(path) != checksum:
        raise ValueError(f"{path.name} is damaged")
    try:
        mapped: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        return mapped
    except ValueError:  # an empty array cannot be mapped
        array: NDArray[Any] = np.load(path, allow_pickle=False)
        if array.size:
            raise
        array.flags.writeable = False
        return array


def _written(entry: Path, arrays: Arrays) -> Arrays:
    """Return the arrays of the entry, or the given ones when it cannot be written."""
    try:
        with new_folder(entry, replace=_read(entry) is None) as scratch:
            _write(scratch, arrays)
        entry_arrays = _read(entry)
        return arrays if entry_arrays is None else entry_arrays
    except OSError:
        return arrays


def _write(folder: Path, arrays: Arrays) -> None:
    index = {}
    for place, (name, values) in enumerate(arrays.items()):
        path = folder / f"{place}.npy"
        np.save(path, values, allow_pickle=False)
        index[name] = [path.name, _checksum(path)]
    (folder / INDEX).write_text(json.dumps({"version": VERSION, "arrays": index}), encoding="utf-8")


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            checksum = zlib.crc32(chunk, checksum)
    return checksum
