"""Diagnostics -> text for people, terminals, machines and pull requests. Pure: sources are read by the caller."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from runner.errors import Diagnostic, Span
from runner.lint.document import as_json
from runner.lint.sarif import sarif
from runner.lint.texts import read_source

Source = Callable[[str], str | None]
"""File -> its text, None when there is none to show (an override has no file)."""

_NEWLINE: Final = re.compile(r"\r\n|\r|\n")
_COLOURS: Final = {"error": "31", "warning": "33", "info": "36"}
_WIDEST: Final = 160
_SECRET: Final = "FS601"
"""The line would show what must not be in a log."""


def render(diagnostics: Sequence[Diagnostic], format: str, *, colour: bool = False) -> str:
    """Return the diagnostics in one of FORMATS, without the last line break.

    Raises KeyError for another format.
    """
    if format == "text":
        return text(diagnostics, read_source, colour=colour).rstrip("\n")
    return FORMATS[format](diagnostics).rstrip("\n")


def text(diagnostics: Sequence[Diagnostic], source: Source, *, colour: bool = False) -> str:
    """Return each problem with its source line, a caret and a hint, then the count."""
    blocks = [_block(diagnostic, source, colour) for diagnostic in diagnostics]
    return "\n\n".join([*blocks, summary(diagnostics)]) + "\n"


def concise(diagnostics: Sequence[Diagnostic]) -> str:
    """Return one line a problem."""
    return "".join(f"{diagnostic}\n" for diagnostic in diagnostics)


def github(diagnostics: Sequence[Diagnostic]) -> str:
    """Return the workflow commands that annotate the lines of a pull request."""
    return "".join(_annotation(diagnostic) for diagnostic in diagnostics)


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """Return `2 errors, 1 warning`, or that no problem was found."""
    words = {"error": "error", "warning": "warning", "info": "note"}
    counts = {word: sum(d.severity == severity for d in diagnostics) for severity, word in words.items()}
    parts = [f"{count} {word}{'s' if count > 1 else ''}" for word, count in counts.items() if count]
    fixable = sum(bool(diagnostic.fix) for diagnostic in diagnostics)
    more = f"; `lint --fix` fixes {fixable} of them" if fixable else ""
    return ", ".join(parts) + more if parts else "no problems found"


FORMATS: Final[Mapping[str, Callable[[Sequence[Diagnostic]], str]]] = {
    "text": lambda diagnostics: text(diagnostics, read_source),
    "concise": concise,
    "json": as_json,
    "github": github,
    "sarif": sarif,
}


def _block(diagnostic: Diagnostic, source: Source, colour: bool) -> str:
    tint = _COLOURS[diagnostic.severity] if colour else ""
    span = diagnostic.span
    title = _painted(f"{diagnostic.severity}[{diagnostic.code}]", tint)
    where = f"{_clean(diagnostic.file)}:{span.line}:{span.col}"
    subject = f" {diagnostic.path}:" if diagnostic.path else ""
    snippet = [] if diagnostic.code == _SECRET else _snippet(span, source(diagnostic.file), tint)
    lines = [f"{title}{subject} {diagnostic.message}", f"  --> {where}", *snippet]
    if diagnostic.help:
        lines.append(f"   = hint: {diagnostic.help}")
    return "\n".join(lines)


def _snippet(span: Span, source: str | None, tint: str) -> list[str]:
    lines = _NEWLINE.split(source) if source else []
    if not 0 < span.line <= len(lines) or not lines[span.line - 1].strip():
        return []
    line = lines[span.line - 1]
    start = max(0, span.col - _WIDEST // 2) if len(line) > _WIDEST else 0
    shown = _clean(line[start : start + _WIDEST])
    last = span.end_col - 1 if span.end_line == span.line else len(line.rstrip())
    width = max(1, min(last, start + len(shown)) - span.col + 1)
    number, gutter = str(span.line), " " * len(str(span.line))
    carets = _painted("^" * width, tint)
    return [f" {gutter} |", f" {number} | {shown}", f" {gutter} | {' ' * (span.col - 1 - start)}{carets}"]


def _clean(line: str) -> str:
    """Replace each unprintable character by a space: it could control the terminal."""
    return "".join(character if character.isprintable() else " " for character in line)


def _painted(words: str, tint: str) -> str:
    return f"\x1b[1;{tint}m{words}\x1b[0m" if tint else words


def _annotation(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    kind = {"error": "error", "warning": "warning", "info": "notice"}[diagnostic.severity]
    place = f"file={_property(diagnostic.file)},line={span.line},col={span.col}"
    if span.end_line == span.line:
        place += f",endColumn={span.end_col}"
    return f"::{kind} {place},title={diagnostic.code}::{_data(diagnostic.sentence)}\n"


def _data(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _data(words).replace(":", "%3A").replace(",", "%2C")
