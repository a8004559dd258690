"""`run-spec lint`: what is wrong with specs, by line and column."""

from __future__ import annotations

import argparse
import importlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from runner.cli import colour, echo
from runner.errors import Diagnostic, UsageError
from runner.files.atomic import write_bytes
from runner.lint import lint_paths, render
from runner.lint.facts import Observe
from runner.lint.fix import Mended, as_diff, mend
from runner.lint.pages import explain, page
from runner.lint.policy import Policy
from runner.lint.renderers import FORMATS

_MOST_LOOKS: Final = 10
"""An edit may make way for another one; they are few."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the linter."""
    parser.add_argument("specs", nargs="*", type=Path, metavar="SPEC", help="files, globs, or folders of .yaml files")
    parser.add_argument("--format", choices=tuple(FORMATS), default="text")
    parser.add_argument("--data", action="store_true", help="read the data too, and judge what they show")
    parser.add_argument("--select", action="append", default=[], metavar="CODES", help="only these, such as FS3,FS401")
    parser.add_argument("--ignore", action="append", default=[], metavar="CODES", help="all but these")
    parser.add_argument("--strict", action="store_true", help="warnings are errors")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--fix", action="store_true", help="mend what is beyond doubt; comments and layout stay")
    change.add_argument("--diff", action="store_true", help="show what --fix would do; 1 when there is something")
    change.add_argument("--explain", metavar="CODE", help="say why a rule matters, with examples")
    change.add_argument("--rules", action="store_true", help="print the page of all rules, as Markdown")


def run(options: argparse.Namespace) -> int:
    """Print every problem; 1 when one of them is an error."""
    if options.explain or options.rules:
        echo(explain(options.explain) if options.explain else page().rstrip("\n"))
        return 0
    if not options.specs:
        raise UsageError("name specs, or folders of them")
    found = _found(options)
    if options.diff:
        return _show(as_diff(mend(found)))
    if options.fix:
        found = _fixed(found, options)
    text = render(found, options.format, colour=colour())
    if text:
        echo(text)
    return 1 if any(problem.severity == "error" for problem in found) else 0


def _found(options: argparse.Namespace) -> tuple[Diagnostic, ...]:
    select, ignore = _codes(options.select), _codes(options.ignore)

    def adjust(policy: Policy) -> Policy:
        return policy.narrowed(select, ignore, strict=options.strict)

    adjust(Policy())  # what the command line says is wrong before the first spec is read
    return lint_paths(options.specs, adjust, _observer() if options.data else None)


def _codes(given: Sequence[str]) -> list[str]:
    return [code.strip() for text in given for code in text.split(",") if code.strip()]


def _observer() -> Observe:
    """Imported only when asked: it reads data, with all the weight of that."""
    observe: Observe = importlib.import_module("runner.data.checks").observe
    return observe


def _fixed(found: tuple[Diagnostic, ...], options: argparse.Namespace) -> tuple[Diagnostic, ...]:
    for _ in range(_MOST_LOOKS):
        changes = mend(found)
        if not changes:
            break
        for change in changes:
            _write(change)
        found = _found(options)
    return found


def _write(change: Mended) -> None:
    """In place of the file that a link leads to, with its permissions."""
    target = Path(os.path.realpath(change.file))
    mode = stat.S_IMODE(target.stat().st_mode)
    write_bytes(target, change.after)
    target.chmod(mode)


def _show(diff: str) -> int:
    if diff:
        echo(diff.rstrip("\n"))
    return 1 if diff else 0
