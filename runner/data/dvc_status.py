"""Which data files DVC tracks, by which digest, and whether they are the same now. Reads its files, without DVC."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from runner.data.locate import label, locate, sources
from runner.language.sections.data import Data
from runner.members.sources.registry import source_kind

_LARGEST: Final = 5_000_000
"""Bytes of a file of DVC: a lock of thousands of stages has less."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def untracked_files(data: Data, root: Path) -> Iterator[tuple[str, str]]:
    """Yield (address of the source, file) of files that DVC does not track; none without DVC."""
    for address, path, known in _files(data, root.resolve()):
        if known is None:
            yield address, label(path, root.resolve())


def altered_files(data: Data, root: Path) -> Iterator[tuple[str, str]]:
    """Yield (address of the source, file) of files that differ from their DVC records."""
    for address, path, known in _files(data, root.resolve()):
        if known and known != hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest():
            yield address, label(path, root.resolve())


def dvc_revisions(root: Path, files: Iterable[str]) -> dict[str, str]:
    """Return file, relative to the root -> md5 of it or of the folder around it, of what DVC tracks."""
    root = root.resolve()
    outputs = {file: _nearest(root / file, root) for file in files}
    digests = {file: out[1].get("md5") for file, out in outputs.items() if out is not None}
    return {file: digest for file, digest in digests.items() if isinstance(digest, str) and digest}


def _files(data: Data, root: Path) -> Iterator[tuple[str, Path, str | None]]:
    """Yield address, file and its md5: None when not tracked, empty when only a folder around it is."""
    if not (root / ".dvc").is_dir():
        return
    for address, source in sources(data):
        if source.pattern is not None:
            kind = source_kind(source)
            for path in locate(source, root, address=address, trusted=True):
                where = f"{address.replace('[', '.').replace(']', '')}.{kind}"
                yield where, path, _known(path, root)


def _known(path: Path, root: Path) -> str | None:
    """Return the md5 of the file as DVC 3 counts it; empty for another digest, or a folder's."""
    output = _nearest(path, root)
    if output is None:
        return None
    target, out = output
    return str(out.get("md5", "")) if target == path and out.get("hash") == "md5" else ""


def _nearest(path: Path, root: Path) -> tuple[Path, Mapping[str, Any]] | None:
    """Return what DVC tracks, the file or else a folder around it, and its record."""
    around = [folder for folder in path.parents if folder.is_relative_to(root)]
    for target in (path, *around):
        dvc_files = (target.with_name(f"{target.name}.dvc"), *(folder / "dvc.lock" for folder in around))
        tracked = {where: out for dvc_file in dvc_files for where, out in _outputs(dvc_file)}
        if target in tracked:
            return target, tracked[target]
    return None


def _outputs(dvc_file: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Return the outputs that a DVC file names."""
    for out in _outs(_read(dvc_file)):
        yield (dvc_file.parent / str(out.get("path", ""))).resolve(), out


def _outs(document: Any) -> Iterator[Mapping[str, Any]]:
    entries = document if isinstance(document, dict) else {}
    stages = entries.get("stages") or {}
    for entry in (entries, *(stages.values() if isinstance(stages, dict) else ())):
        outs = entry.get("outs") if isinstance(entry, dict) else None
        yield from (out for out in outs or () if isinstance(out, dict))


def _read(file: Path) -> Any:
    if not file.is_file():
        return None
    try:
        text = file.read_bytes()[:_LARGEST].decode()
        return yaml.load(text, _LOADER)
    except (OSError, ValueError, yaml.YAMLError):
        return None
