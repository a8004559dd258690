"""Write files and folders that appear whole or not at all.

A file: temporary file in the same folder, fsync, rename, fsync of the folder. A folder: filled aside, then renamed.
"""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from runner.errors import StoreError

_serial = itertools.count()
_AGAIN = "run the same command again"


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8 as `write_bytes` does; what UTF-8 cannot encode is escaped."""
    write_bytes(path, text.encode(errors="backslashreplace"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file that survives a power cut. Raises StoreError, and the old file is then intact."""
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


def read_files(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, name -> content."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def append_line(path: Path, line: str) -> None:
    """Append a line and sync it to disk; a last line that a crash has cut short is ended first."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            torn = file.tell() > 0 and not _ends_with_newline(path)
            file.write(b"\n" * torn + line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise store_error(path, error, needed=len(line)) from error


@contextmanager
def new_folder(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """Yield an empty folder that becomes `target` when the block ends without an error. Raises OSError.

    See `publish_folder` for `replace`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=target.parent, prefix=f".{target.name}.", suffix=".new", ignore_cleanup_errors=True
    ) as holder:
        scratch = Path(holder) / target.name  # made by mkdir, because others may not read a temporary folder
        scratch.mkdir()
        yield scratch
        publish_folder(scratch, target, replace=replace)


def publish_folder(scratch: Path, target: Path, *, replace: bool = False) -> None:
    """Rename a finished folder to `target`, on the same disk. Raises OSError.

    With `replace` it takes the place of an older `target`. Otherwise the first of several writers wins, and `scratch`
    stays where it is.
    """
    older = scratch.with_name(f"{scratch.name}.old") if replace and target.exists() else None
    if older is not None:
        os.rename(target, older)
    try:
        os.rename(scratch, target)
    except OSError:
        if older is not None:
            os.rename(older, target)
        if older is not None or not target.exists():
            raise
    if older is not None:
        shutil.rmtree(older, ignore_errors=True)


def remove_scratch(target: Path) -> None:
    """Remove what killed processes have left of `new_folder(target)`; call it only under a lock of `target`."""
    for scratch in target.parent.glob(f".{target.name}.????????.new"):
        shutil.rmtree(scratch, ignore_errors=True)


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
    """Return the bytes left on the disk of `path`, which need not exist yet; None when unknown."""
    for place in (path, *path.parents):
        with suppress(OSError):
            return shutil.disk_usage(place).free
    return None


def store_error(path: Path, error: OSError, *, needed: int = 0) -> StoreError:
    """Return the error with path and cause in one line, and for a full disk the bytes needed and left."""
    cause = (error.strerror or type(error).__name__).lower()
    if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StoreError(f"{path}: cannot be written or read ({cause}); hint: repair the folder and {_AGAIN}")
    free = free_bytes(path)
    left = "unknown" if free is None else show_bytes(free)
    return StoreError(f"{path}: {cause} (needed {show_bytes(needed)}, free {left}); hint: make space and {_AGAIN}")


def show_bytes(count: int) -> str:
    """Return a size as people read it: `17 B`, `3.2 MB`."""
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
