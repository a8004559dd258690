"""Diagnostics -> mended texts. Only the characters of an edit change: comments, layout and line ends stay."""

from __future__ import annotations

import codecs
import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runner.errors import Diagnostic, Edit, Span
from runner.lint.texts import source_bytes

_NEWLINE: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Mended:
    """A file as it is and as it would be, and how many problems that mends."""

    file: str
    before: bytes
    after: bytes
    count: int


def mend(found: Iterable[Diagnostic]) -> tuple[Mended, ...]:
    """What to write. Of two edits that overlap the first is made; the other waits for the next look."""
    by_file: dict[str, list[Diagnostic]] = {}
    for diagnostic in found:
        if diagnostic.fix:
            by_file.setdefault(diagnostic.file, []).append(diagnostic)
    mended = (_mended(file, diagnostics) for file, diagnostics in by_file.items())
    return tuple(one for one in mended if one is not None and one.before != one.after)


def as_diff(mended: Iterable[Mended]) -> str:
    """A unified diff that `patch` takes; empty when nothing changes."""
    lines: list[str] = []
    for one in mended:
        before, after = (_text(content).splitlines(keepends=True) for content in (one.before, one.after))
        for line in difflib.unified_diff(before, after, f"{one.file}", f"{one.file}"):
            lines.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(lines)


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text with each edit made. They must not overlap."""
    starts = _line_starts(text)
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        begin, end = _offsets(edit.span, starts, len(text))
        text = text[:begin] + edit.text + text[end:]
    return text


def _mended(file: str, diagnostics: Sequence[Diagnostic]) -> Mended | None:
    before = source_bytes(Path(file))
    if before is None:
        return None
    chosen, count = _compatible(diagnostics)
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
    after = mark + edited(_text(before), chosen).encode()
    return Mended(file, before, after, count)


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig")


def _compatible(diagnostics: Sequence[Diagnostic]) -> tuple[list[Edit], int]:
    """Edits that do not touch each other, and the number of problems they mend."""
    chosen: list[Edit] = []
    count = 0
    for diagnostic in sorted(diagnostics, key=lambda one: one.span):
        new = [edit for edit in diagnostic.fix if edit not in chosen]
        if all(not _overlap(edit.span, other.span) for edit in new for other in chosen):
            chosen += new
            count += 1
    return chosen, count


def _overlap(one: Span, other: Span) -> bool:
    return (one.line, one.col) < (other.end_line, other.end_col) and (other.line, other.col) < (
        one.end_line,
        one.end_col,
    )


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in _NEWLINE.finditer(text))]


def _offsets(span: Span, starts: Sequence[int], length: int) -> tuple[int, int]:
    def offset(line: int, col: int) -> int:
        return min(starts[line - 1] + col - 1, length) if line <= len(starts) else length

    return offset(span.line, span.col), offset(span.end_line, span.end_col)
