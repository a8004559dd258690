"""What a rule is: one definition, from which pages, tables, JSON and SARIF are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from runner.errors import Diagnostic, Edit, Severity, Span
from runner.language import nodes
from runner.language.nodes import Findings, Place
from runner.language.parse import Document
from runner.lint.facts import DataFacts

Check = Callable[[Document, "Reporter"], None]
Judge = Callable[[Document, DataFacts, "Reporter"], None]
Compare = Callable[[Document, Sequence[Document], "Reporter"], None]
"""Compares a spec with the earlier specs of the same call."""


@dataclass(frozen=True)
class Rule:
    """One thing that can be wrong with a spec.

    `bad` and `good` are fragments laid over a sound spec (a line that begins with `--set` is an override): tests run
    both, and those of a rule with `compare` together with that spec. A rule without `check`, `judge` and `compare`
    is checked while the spec or its data is read, and makes either invalid.
    """

    code: str
    severity: Severity
    summary: str
    why: str
    bad: str
    good: str
    check: Check | None = None
    judge: Judge | None = None
    compare: Compare | None = None
    needs_data: bool = False
    fixable: bool = False
    optional: bool = False
    """Advice: can be deselected, suppressed in place, or given another severity, though it has no `check` here."""

    @property
    def advises(self) -> bool:
        """Whether it judges a valid spec, so that a reader may suppress it."""
        return self.optional or any(ask is not None for ask in (self.check, self.judge, self.compare))


class Reporter:
    """Gathers what the check of one rule finds."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._findings = Findings()

    def at_key(
        self, message: str, place: Place, path: nodes.Path, help: str = "", fix: tuple[Edit, ...] = ()
    ) -> None:  # fmt: skip
        """Note a problem of a key, or of a value that has none."""
        self.add(message, place.key or place.value, place.file, path, help, fix)

    def at_value(
        self, message: str, place: Place, path: nodes.Path, help: str = "", fix: tuple[Edit, ...] = ()
    ) -> None:  # fmt: skip
        """Note a problem of a value."""
        self.add(message, place.value, place.file, path, help, fix)

    def add(
        self, message: str, span: Span, file: str, path: nodes.Path = (), help: str = "", fix: tuple[Edit, ...] = ()
    ) -> None:  # fmt: skip
        """Note a problem at a place of a file."""
        self._findings.add(
            self.rule.code, message, file, span, path=path, help=help, severity=self.rule.severity, fix=fix
        )  # fmt: skip

    def diagnostics(self) -> Iterator[Diagnostic]:
        """Yield what was noted."""
        yield from self._findings.diagnostics
