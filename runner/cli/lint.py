"""`run-spec lint`: what is wrong with specs, by line and column."""

from __future__ import annotations

import argparse
from pathlib import Path

from runner.cli import colour, say
from runner.lint import lint_paths, render


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the linter."""
    parser.add_argument("specs", nargs="+", type=Path, metavar="SPEC", help="files, or folders of .yaml files")
    parser.add_argument("--format", choices=("text", "concise", "json", "github"), default="text")


def perform(options: argparse.Namespace) -> int:
    """Print every problem; 1 when one of them is an error."""
    found = lint_paths(options.specs)
    text = render(found, options.format, colour=colour())
    if text:
        say(text)
    return 1 if any(problem.severity == "error" for problem in found) else 0
