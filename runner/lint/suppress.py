"""`# lint: ignore[FS302] why`: advice that someone has read and knows better than, in place and with a reason.

After a value it is about that line; on a line of its own it is about the key below with all that belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from runner.errors import Diagnostic, Edit, Span
from runner.lint.registry import RULES
from runner.lint.rule import Reporter

NO_REASON: Final = "FS007"
NOTHING_TO_IGNORE: Final = "FS008"
_COMMENT: Final = re.compile(
    r"(?:^|(?<=\s))#\s*lint:\s*ignore(?P<codes>\[[^\]\n\r]*\])?(?P<reason>[^\n\r]*)", re.MULTILINE
)
_NEWLINE: Final = re.compile(r"\r\n|\r|\n")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Suppression:
    """One comment, and the lines that it is about."""

    file: str
    span: Span
    codes: tuple[str, ...]
    reason: str
    first: int
    last: int
    whole: Span  # what to delete with it

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Return whether the comment is about this diagnostic."""
        return (
            diagnostic.file == self.file
            and diagnostic.code in self.codes
            and self.first <= diagnostic.span.line <= self.last
        )


def suppressions(text: str, file: str) -> tuple[Suppression, ...]:
    """Return the suppressing comments of a text that parses."""
    if _COMMENT.search(text) is None:
        return ()
    lines, scalars = _NEWLINE.split(text), list(_scalars(_Loader(text)))
    matches = ((number, line, _COMMENT.search(line)) for number, line in enumerate(lines, 1))
    return tuple(
        _suppression(match, line, number, lines, file)
        for number, line, match in matches
        if match and not _inside(number, match.start() + 1, scalars)
    )


def suppressed(
    diagnostics: Sequence[Diagnostic], comments: Sequence[Suppression], own: str, codes: Collection[str]
) -> tuple[Diagnostic, ...]:  # fmt: skip
    """Return the remaining diagnostics, and those about the comments of the file `own`.

    A comment of a base may serve another spec, so only those of the spec itself can be unused. `judged` are the codes
    that had a chance to be found.
    """
    uses = {(comment, one.code) for comment in comments for one in diagnostics if comment.covers(one)}
    remaining = [one for one in diagnostics if not any(comment.covers(one) for comment in comments)]
    reporters = [Reporter(RULES[code]) for code in (NO_REASON, NOTHING_TO_IGNORE)]
    for comment in comments:
        if comment.file == own:
            _judge(comment, {code for owner, code in uses if owner == comment}, codes, *reporters)
    complaints = [one for reporter in reporters for one in reporter.diagnostics() if reporter.rule.code in codes]
    return (*remaining, *complaints)


def _judge(
    comment: Suppression, uses: Collection[str], codes: Collection[str], careless: Reporter, idle: Reporter
) -> None:  # fmt: skip
    if not comment.codes or not comment.reason:
        what = "names no rule" if not comment.codes else "gives no reason"
        help = "write `# lint: ignore[FS302] short history on purpose`"
        careless.add(f"this comment {what}", comment.span, comment.file, (), help)
    needless = [code for code in comment.codes if code not in uses and _is_needless(code, codes)]
    remaining = [code for code in comment.codes if code not in needless]
    for code in needless:
        message, help = _why_needless(code)
        fix = (Edit(comment.span, _rewritten(comment, remaining)) if remaining else Edit(comment.whole, ""),)
        idle.add(message, comment.span, comment.file, (), help, fix)


def _is_needless(code: str, codes: Collection[str]) -> bool:
    return code in codes or code not in RULES or not RULES[code].advises


def _why_needless(code: str) -> tuple[str, str]:
    if code not in RULES:
        return f"there is no rule {code}", "`run-spec lint --rules` has all of them"
    if not RULES[code].advises:
        return f"{code} cannot be ignored: without it the spec is not understood", "correct the spec, drop the comment"
    return f"{code} finds nothing here", "drop it from the comment, with the comment when nothing is left"


def _rewritten(comment: Suppression, codes: Sequence[str]) -> str:
    return f"# lint: ignore[{', '.join(codes)}] {comment.reason}".rstrip()


def _suppression(match: re.Match[str], line: str, number: int, lines: Sequence[str], file: str) -> Suppression:
    codes = tuple(code.strip() for code in (match["codes"] or "").strip("[]").split(",") if code.strip())
    span = Span(number, match.start() + 1, number, len(line) + 1)
    before = line[: match.start()].rstrip()
    first, last = (number, number) if before else _block(number, lines)
    whole = Span(number, len(before) + 1, number, len(line) + 1) if before else Span(number, 1, number + 1, 1)
    return Suppression(file, span, codes, match["reason"].strip(), first, last, whole)


def _block(number: int, lines: Sequence[str]) -> tuple[int, int]:
    """Return the first and last line of the key below a comment on line `number`."""
    below = [(at, line) for at, line in enumerate(lines, 1) if at > number and _says_something(line)]
    if not below:
        return number, number
    (first, head), *rest = below
    last = first
    for at, line in rest:
        deeper = _indent(line) > _indent(head)
        item = _indent(line) == _indent(head) and line.lstrip()[0] == "-" and head.lstrip()[0] != "-"
        if not deeper and not item:
            break
        last = at
    return first, last


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _scalars(loader: Any) -> Iterator[Span]:
    """Yield the spans of quoted and block scalars: a `#` in them begins no comment."""
    try:
        while loader.check_event():
            event: Any = loader.get_event()
            if isinstance(event, yaml.ScalarEvent) and event.style:
                start: Any = event.start_mark
                end: Any = event.end_mark
                yield Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
    finally:
        loader.dispose()


def _inside(line: int, col: int, spans: Sequence[Span]) -> bool:
    return any((span.line, span.col) <= (line, col) < (span.end_line, span.end_col) for span in spans)
