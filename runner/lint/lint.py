"""Spec -> diagnostics: what stops it from being understood, or else what is unwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from runner.errors import Diagnostic
from runner.lint.registry import RULES
from runner.lint.rule import Reporter
from runner.spec.nodes import Findings
from runner.spec.parse import Document, attempt


def lint(path: Path, overrides: Sequence[str] = (), environ: Mapping[str, str] | None = None) -> tuple[Diagnostic, ...]:
    """Every problem of a spec, in reading order. Reads no data and raises for nothing that a file contains."""
    document, problems = attempt(path, overrides, environ)
    return problems if document is None else judge(document)


def judge(document: Document) -> tuple[Diagnostic, ...]:
    """What the rules that need no data say of a spec that was understood."""
    findings = Findings()
    for rule in RULES.values():
        if rule.check is not None and not rule.needs_data:
            reporter = Reporter(rule)
            rule.check(document, reporter)
            findings.found.extend(reporter.found())
    return findings.sorted()
