"""Run `run-spec lint`: find mistakes in specs, by line and column."""

from __future__ import annotations

import argparse
import importlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from runner.cli import echo, use_color
from runner.errors import Diagnostic, UsageError
from runner.files.atomic import write_bytes
from runner.lint import lint_paths, render
from runner.lint.facts import CheckData
from runner.lint.fix import FixedFile, as_diff, fix_files
from runner.lint.pages import explain, page
from runner.lint.policy import Policy
from runner.lint.renderers import FORMATS

_MAX_ROUNDS: Final = 10
"""A repair may allow another one; more rounds than this never happen."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the linter."""
    parser.add_argument("specs", nargs="*", type=Path, metavar="SPEC", help="files, globs, or folders of .yaml files")
    parser.add_argument("--format", choices=tuple(FORMATS), default="text")
    parser.add_argument("--data", action="store_true", help="read the data too, and check it")
    parser.add_argument("--select", action="append", default=[], metavar="CODES", help="only these, such as FS3,FS401")
    parser.add_argument("--ignore", action="append", default=[], metavar="CODES", help="all but these")
    parser.add_argument("--strict", action="store_true", help="warnings are errors")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--fix", action="store_true", help="repair what is certain; comments and layout stay")
    change.add_argument("--diff", action="store_true", help="show what --fix would change; exit code 1 if anything")
    change.add_argument("--explain", metavar="CODE", help="explain why a rule matters, with examples")
    change.add_argument("--rules", action="store_true", help="print the page of all rules, as Markdown")


def run(options: argparse.Namespace) -> int:
    """Print every problem, and return 1 when one of them is an error."""
    if options.explain or options.rules:
        echo(explain(options.explain) if options.explain else page().rstrip("\n"))
        return 0
    if not options.specs:
        raise UsageError("name specs, or folders of them")
    problems = _diagnostics(options)
    if options.diff:
        return _show(as_diff(fix_files(problems)))
    if options.fix:
        problems = _fix(problems, options)
    text = render(problems, options.format, colour=use_color())
    if text:
        echo(text)
    return 1 if any(problem.severity == "error" for problem in problems) else 0


def _diagnostics(options: argparse.Namespace) -> tuple[Diagnostic, ...]:
    select, ignore = _codes(options.select), _codes(options.ignore)

    def adjust(policy: Policy) -> Policy:
        return policy.narrowed(select, ignore, strict=options.strict)

    adjust(Policy())  # reports a wrong code before the first spec is read
    return lint_paths(options.specs, adjust, _data_check() if options.data else None)


def _codes(options: Sequence[str]) -> list[str]:
    return [code.strip() for text in options for code in text.split(",") if code.strip()]


def _data_check() -> CheckData:
    """Return the reader of data facts, imported on use because it needs pandas."""
    check_data: CheckData = importlib.import_module("runner.data.checks").check_data
    return check_data


def _fix(problems: tuple[Diagnostic, ...], options: argparse.Namespace) -> tuple[Diagnostic, ...]:
    for _ in range(_MAX_ROUNDS):
        changes = fix_files(problems)
        if not changes:
            break
        for change in changes:
            _write(change)
        problems = _diagnostics(options)
    return problems


def _write(change: FixedFile) -> None:
    """Replace the file, or the one that a link leads to, and keep its permissions."""
    target = Path(os.path.realpath(change.file))
    mode = stat.S_IMODE(target.stat().st_mode)
    write_bytes(target, change.after)
    target.chmod(mode)


def _show(diff: str) -> int:
    if diff:
        echo(diff.rstrip("\n"))
    return 1 if diff else 0
