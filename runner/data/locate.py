"""Which files a spec reads, and their digests. Light: no table is opened.

A path is relative to the project root, and what it leads to, symbolic links followed, must lie inside the root or in
a folder that `[tool.run-spec] data_roots` of the root's `pyproject.toml` allows. A path typed on the command line is
trusted: it may lie anywhere.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from runner.data.fetch import cached, data_sha256
from runner.errors import DataError
from runner.language.project import confine, data_roots
from runner.language.sections.data import Data
from runner.members.sources.registry import SOURCES, Source, source_kind

Trust = bool | Collection[str]
"""True: every path is trusted; or the addresses, such as `data.source`, of those that are."""


_OUTSIDE = "; copy the file into it, or allow its folder in [tool.run-spec] data_roots of pyproject.toml"


def sources(data: Data) -> Iterator[tuple[str, Source]]:
    """Return (address in the spec, source), the main one first."""
    yield "data.source", data.source
    for number, join in enumerate(data.join):
        yield f"data.join[{number}].source", join.source
    if data.future is not None:
        yield "data.future", data.future


def digests(data: Data, root: Path, trusted: Trust = False) -> dict[str, str]:
    """Return file of the data -> sha256 of its bytes. Raises DataError."""
    root = root.resolve()
    by_file: dict[str, str] = {}
    for address, source in sources(data):
        if not _has_files(source):
            by_file[f"{address}.{source_kind(source)}"] = source.fingerprint()
        else:
            for path in locate(source, root, address=address, trusted=trusted):
                by_file[label(path, root)] = data_sha256(path, address)
    return by_file


def locate(source: Source, root: Path, *, address: str = "data.source", trusted: Trust = False) -> tuple[Path, ...]:
    """Return the files of a source, sorted; empty for one without files. Raises DataError.

    `{builtin: ...}` is fetched when it is not cached.
    """
    root = root.resolve()
    kind = source_kind(source) or ""
    if SOURCES.has(kind, "downloaded"):
        return (cached(source.label, root, f"{address}.{kind}"),)
    if source.pattern is None:
        return ()
    key = f"{address}.{kind}"
    paths = _matches(source.pattern, root, key)
    anywhere = trusted is True or (not isinstance(trusted, bool) and address in trusted)
    allowed = (Path("/"),) if anywhere else data_roots(root)
    for path in paths:
        reason = confine(path, allowed)
        if reason:
            hint = _OUTSIDE if reason.endswith("outside the project") else ""
            file = label(path, root)
            raise DataError(f"{key}: {file}: {reason}{hint}", key=key, file=file)
    return paths


def label(path: Path, root: Path) -> str:
    """Return the path for messages: relative to the root when it is inside."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _has_files(source: Source) -> bool:
    return source.pattern is not None or SOURCES.has(source_kind(source) or "", "downloaded")


def _matches(pattern_text: str, root: Path, key: str) -> tuple[Path, ...]:
    if "\0" in pattern_text:
        raise DataError(f"{key}: a path has no NUL character", key=key)
    if not glob.has_magic(pattern_text) or os.path.lexists(root / pattern_text):
        path = Path(os.path.normpath(root / pattern_text))
        if not path.exists():
            message = f'{key}: there is no file "{pattern_text}" (paths are relative to the project root)'
            raise DataError(message, key=key, file=pattern_text)
        return (path,)
    pattern = pattern_text if os.path.isabs(pattern_text) else os.path.join(glob.escape(str(root)), pattern_text)
    paths = sorted(Path(os.path.normpath(match)) for match in glob.glob(pattern, recursive=True))
    files = tuple(path for path in paths if not path.is_dir())
    if not files:
        message = f'{key}: no file matches "{pattern_text}" (paths are relative to the project root)'
        raise DataError(message, key=key, file=pattern_text)
    return files
