"""What a rule is: one definition, from which pages, tables, JSON and hovers are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from runner.errors import Diagnostic, Severity, Span
from runner.spec import nodes
from runner.spec.nodes import Findings, Place
from runner.spec.parse import Document

Check = Callable[[Document, "Reporter"], None]


@dataclass(frozen=True)
class Rule:
    """One thing that can be wrong with a spec.

    `bad` and `good` are fragments laid over a sound spec (a line that begins with `--set` is an override): tests run
    both. A rule without a check is judged while the spec is read, where it stops the spec from being understood.
    """

    code: str
    severity: Severity
    summary: str
    why: str
    bad: str
    good: str
    check: Check | None = None
    needs_data: bool = False
    fixable: bool = False


class Reporter:
    """Gathers what the check of one rule finds."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._findings = Findings()

    def at_key(self, message: str, place: Place, path: nodes.Path, help: str = "") -> None:
        """Note a problem of a key, or of a value that has none."""
        self._add(message, place.key or place.value, place.file, path, help)

    def at_value(self, message: str, place: Place, path: nodes.Path, help: str = "") -> None:
        """Note a problem of a value."""
        self._add(message, place.value, place.file, path, help)

    def _add(self, message: str, span: Span, file: str, path: nodes.Path, help: str) -> None:
        self._findings.add(self.rule.code, message, file, span, path=path, help=help, severity=self.rule.severity)

    def found(self) -> Iterator[Diagnostic]:
        """What was noted."""
        yield from self._findings.found
