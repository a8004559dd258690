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
from runner.files.checksum import digest
from runner.language.project import confine, data_roots
from runner.language.sections.data import (
    BuiltinSource,
    CsvSource,
    Data,
    ParquetSource,
    Source,
    Synthetic,
    SyntheticSource,
)

Trust = bool | Collection[str]
"""True: every path is trusted; or the addresses, such as `data.source`, of those that are."""


_OUTSIDE = "; copy the file into it, or allow its folder in [tool.run-spec] data_roots of pyproject.toml"


def sources(data: Data) -> Iterator[tuple[str, Source]]:
    """Address in the spec and source, the main one first."""
    yield "data.source", data.source
    for number, join in enumerate(data.join):
        yield f"data.join[{number}].source", join.source
    if data.future is not None:
        yield "data.future", data.future


def digests(data: Data, root: Path, trusted: Trust = False) -> dict[str, str]:
    """What the data is made of -> sha256 of its bytes. Raises DataError."""
    root = root.resolve()
    found: dict[str, str] = {}
    for address, source in sources(data):
        if isinstance(source, SyntheticSource):
            found[f"{address}.synthetic"] = synthetic_digest(source.synthetic)
        else:
            for path in locate(source, root, address=address, trusted=trusted):
                found[label(path, root)] = data_sha256(path)
    return found


def locate(source: Source, root: Path, *, address: str = "data.source", trusted: Trust = False) -> tuple[Path, ...]:
    """The files of a source, sorted; none for a synthetic one. Raises DataError.

    `{builtin: ...}` is fetched when it is not cached.
    """
    root = root.resolve()
    if isinstance(source, SyntheticSource):
        return ()
    if isinstance(source, BuiltinSource):
        return (cached(source.builtin, root),)
    kind, written = _written(source)
    paths = _matches(written, root, f"{address}.{kind}")
    anywhere = trusted is True or (not isinstance(trusted, bool) and address in trusted)
    allowed = (Path("/"),) if anywhere else data_roots(root)
    for path in paths:
        reason = confine(path, allowed)
        if reason:
            hint = _OUTSIDE if reason.endswith("outside the project") else ""
            raise DataError(f"{address}.{kind}: {label(path, root)}: {reason}{hint}")
    return paths


def label(path: Path, root: Path) -> str:
    """The path as people write it: relative to the root where it lies inside."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _written(source: CsvSource | ParquetSource) -> tuple[str, str]:
    return ("csv", source.csv) if isinstance(source, CsvSource) else ("parquet", source.parquet)


def _matches(written: str, root: Path, key: str) -> tuple[Path, ...]:
    if "\0" in written:
        raise DataError(f"{key}: a path has no NUL character")
    if not glob.has_magic(written) or os.path.lexists(root / written):
        path = Path(os.path.normpath(root / written))
        if not path.exists():
            raise DataError(f'{key}: there is no file "{written}" (paths are relative to the project root)')
        return (path,)
    pattern = written if os.path.isabs(written) else os.path.join(glob.escape(str(root)), written)
    found = sorted(Path(os.path.normpath(match)) for match in glob.glob(pattern, recursive=True))
    files = tuple(path for path in found if not path.is_dir())
    if not files:
        raise DataError(f'{key}: no file matches "{written}" (paths are relative to the project root)')
    return files


def synthetic_digest(spec: Synthetic) -> str:
    """sha256 of the canonical JSON of what defines a synthetic panel."""
    return digest(spec.model_dump(mode="json"))
