"""The texts that diagnostics are about: regular files, and no more of them than a spec may have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runner.language.parse import Document
from runner.language.project import confine
from runner.language.reader import MAX_BYTES


def texts(document: Document) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of the spec's own file and of its bases."""
    own = str(document.path)
    yield own, document.text
    for file in dict.fromkeys(place.file for place in document.origins.values()):
        text = read_source(file) if file != own else None
        if text is not None:
            yield file, text


def read_source(file: str) -> str | None:
    """Return the text of a diagnostic's file, for its snippet; None when it cannot be read."""
    content = source_bytes(Path(file))
    return None if content is None else content.decode("utf-8-sig", "replace")


def source_bytes(path: Path) -> bytes | None:
    """Return the bytes of a regular file no larger than a spec may be; None for anything else."""
    if confine(path, (Path(path.absolute().anchor),)) is not None:
        return None
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES)
    except OSError:
        return None
