"""Spec -> diagnostics: what stops it from being understood, or else what is unwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from runner.errors import Diagnostic, UsageError
from runner.lint.registry import RULES
from runner.lint.rule import Reporter
from runner.spec.nodes import Findings
from runner.spec.parse import Document, attempt


def lint(path: Path, overrides: Sequence[str] = (), environ: Mapping[str, str] | None = None) -> tuple[Diagnostic, ...]:
    """Every problem of a spec, in reading order. Reads no data and raises for nothing that a file contains."""
    document, problems = attempt(path, overrides, environ)
    return problems if document is None else judge(document)


def lint_paths(paths: Sequence[Path]) -> tuple[Diagnostic, ...]:
    """Every problem of files and of the specs in folders. Raises UsageError for a folder without specs.

    What lies below a folder whose name begins with `_` or `.` is no experiment.
    """
    specs = dict.fromkeys(spec for path in paths for spec in _specs(path))
    found = (diagnostic for spec in specs for diagnostic in lint(spec))
    return tuple(dict.fromkeys(found))  # several specs may inherit one problem


def _specs(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(file for ending in ("*.yaml", "*.yml") for file in path.rglob(ending))
    specs = [file for file in files if not any(part[0] in "_." for part in file.relative_to(path).parts)]
    if not specs:
        raise UsageError(f"{path}: there are no specs (.yaml) in this folder")
    return specs


def judge(document: Document) -> tuple[Diagnostic, ...]:
    """What the rules that need no data say of a spec that was understood."""
    findings = Findings()
    for rule in RULES.values():
        if rule.check is not None and not rule.needs_data:
            reporter = Reporter(rule)
            rule.check(document, reporter)
            findings.found.extend(reporter.found())
    return findings.sorted()
