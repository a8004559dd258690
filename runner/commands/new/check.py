"""A drafted spec -> what the linter says of it, after its data were really read and its windows laid."""

from __future__ import annotations

from pathlib import Path

from runner.data.load import load
from runner.data.split import split
from runner.errors import Diagnostic
from runner.language.parse import parse
from runner.lint import lint


def check(path: Path) -> tuple[Diagnostic, ...]:
    """Every problem of the spec. Raises DataError when it is sound but its data do not fit it."""
    problems = lint(path)
    if not any(problem.severity == "error" for problem in problems):
        document = parse(path)
        forecast = document.spec.forecast
        panel = load(document.spec.data, horizon=forecast.horizon, gap=forecast.gap, root=document.root)
        split(panel, document.spec)
    return problems
