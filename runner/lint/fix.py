"""Diagnostics -> fixed texts. Only the characters of an edit change: comments, layout and line ends stay."""

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
class FixedFile:
    """A file before and after its fixes, and how many problems they fix."""

    file: str
    before: bytes
    after: bytes
    count: int


def fix_files(diagnostics: Iterable[Diagnostic]) -> tuple[FixedFile, ...]:
    """Return the files that change. Of two overlapping edits only the first is made."""
    by_file: dict[str, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        if diagnostic.fix:
            by_file.setdefault(diagnostic.file, []).append(diagnostic)
    files = (_fixed_file(file, group) for file, group in by_file.items())
    return tuple(file for file in files if file is not None and file.before != file.after)


def as_diff(files: Iterable[FixedFile]) -> str:
    """Return a unified diff for `patch`; empty when nothing changes."""
    lines: list[str] = []
    for file in files:
        before, after = (_text(content).splitlines(keepends=True) for content in (file.before, file.after))
        for line in difflib.unified_diff(before, after, f"{file.file}", f"{file.file}"):
            lines.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(lines)


def edited(text: str, edits: Sequence[Edit]) -> str:
    """Return the text after the edits, which must not overlap."""
    starts = [0, *(match.end() for match in _NEWLINE.finditer(text))]
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        begin, end = _offsets(edit.span, starts, len(text))
        text = text[:begin] + edit.text + text[end:]
    return text


def _fixed_file(file: str, diagnostics: Sequence[Diagnostic]) -> FixedFile | None:
    before = source_bytes(Path(file))
    if before is None:
        return None
    edits, count = _compatible(diagnostics)
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
    after = mark + edited(_text(before), edits).encode()
    return FixedFile(file, before, after, count)


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig")


def _compatible(diagnostics: Sequence[Diagnostic]) -> tuple[list[Edit], int]:
    """Return the edits that do not overlap, and the number of problems they fix."""
    edits: list[Edit] = []
    count = 0
    for diagnostic in sorted(diagnostics, key=lambda diagnostic: diagnostic.span):
        new = [edit for edit in diagnostic.fix if edit not in edits]
        if all(not _overlap(edit.span, earlier.span) for edit in new for earlier in edits):
            edits += new
            count += 1
    return edits, count


def _overlap(a: Span, b: Span) -> bool:
    return (a.line, a.col) < (b.end_line, b.end_col) and (b.line, b.col) < (
        a.end_line,
        a.end_col,
    )


def _offsets(span: Span, starts: Sequence[int], length: int) -> tuple[int, int]:
    def offset(line: int, col: int) -> int:
        return min(starts[line - 1] + col - 1, length) if line <= len(starts) else length

    return offset(span.line, span.col), offset(span.end_line, span.end_col)
