"""Files that are there whole or not at all: temp file in the same folder, fsync, rename, fsync of the folder."""

from __future__ import annotations

import errno
import itertools
import json
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from runner.errors import StoreError

_serial = itertools.count()
_DEEPEST: Final = 100
_NESTED: Final = f"nested more than {_DEEPEST} levels deep"


def canonical_json(document: Any) -> bytes:
    """The one way to write a document: sorted keys, no blanks, ASCII. Raises ValueError for NaN and infinity."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def parse_json(content: bytes | str) -> Any:
    """The document that a file holds. Raises ValueError for what is no JSON, or nested as no document of ours is."""
    try:
        document = json.loads(content)
    except RecursionError:
        raise ValueError(_NESTED) from None
    level = [document]
    for _ in range(_DEEPEST):
        level = [inner for value in level for inner in _inner(value)]
        if not level:
            return document
    raise ValueError(_NESTED)


def _inner(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def write_json(path: Path, document: Any) -> None:
    """For documents that people read too: indented, keys in the order given."""
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def write_text(path: Path, text: str) -> None:
    write_bytes(path, text.encode(errors="backslashreplace"))


def write_bytes(path: Path, content: bytes) -> None:
    """The file at `path` holds `content` and stays so after a power cut. Raises StoreError; the old file is intact."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{next(_serial)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_through(temporary, content)
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise store_error(path, error, needed=len(content)) from error


def append_line(path: Path, line: str) -> None:
    """Add one line and see it to the disk. A torn last line of an earlier crash is closed first."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            torn = file.tell() > 0 and not _ends_with_newline(path)
            file.write(b"\n" * torn + line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise store_error(path, error, needed=len(line)) from error


def sync_folder(folder: Path) -> None:
    """Make a rename inside the folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def mark_used(entry: Path) -> None:
    """Set the time of a cache entry to now; `run-spec tidy` deletes those whose time is long past.

    The access time would not do: many file systems are mounted with `noatime` or `relatime`.
    """
    with suppress(OSError):  # a cache that is read-only
        os.utime(entry)


def free_bytes(path: Path) -> int | None:
    """Bytes left on the disk that holds `path`, which need not exist yet; None when nobody can say."""
    for place in (path, *path.parents):
        with suppress(OSError):
            return shutil.disk_usage(place).free
    return None


def store_error(path: Path, error: OSError, *, needed: int = 0) -> StoreError:
    """One line: path, cause, and for a full disk what is needed and what is left."""
    cause = (error.strerror or type(error).__name__).lower()
    if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StoreError(f"{path}: cannot be written or read: {cause}; mend the folder and run the same command again")
    free = free_bytes(path)
    left = "unknown" if free is None else show_bytes(free)
    return StoreError(
        f"{path}: {cause}: needed {show_bytes(needed)}, free {left}; make space and run the same command again"
    )


def show_bytes(count: int) -> str:
    """`17 B`, `3.2 MB`."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"
