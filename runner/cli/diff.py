"""Run `run-spec diff`: what changed between two specs, and what that means for the work."""

from __future__ import annotations

import argparse
import json

from runner.cli import echo
from runner.commands.diff.compare import compare
from runner.commands.diff.narrative import as_document, as_markdown, as_text
from runner.commands.diff.revision import read_side
from runner.files.redact import redact


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a comparison."""
    parser.add_argument(
        "before", metavar="A", help="a spec, or REV:path as git has it, such as main:specs/walmart.yaml"
    )
    parser.add_argument("after", metavar="B", help="the other spec, written in the same way")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="as JSON on standard output")
    shape.add_argument("--markdown", action="store_true", help="as Markdown, for a pull request")
    parser.add_argument("--exit-code", action="store_true", help="end with 1 when they differ in meaning")


def run(options: argparse.Namespace) -> int:
    """Print the comparison; return 1 for a difference with `--exit-code`, else 0."""
    comparison = compare(read_side(options.before), read_side(options.after))
    if options.json:
        echo(redact(json.dumps(as_document(comparison), indent=2, ensure_ascii=False)))
    else:
        echo(redact(as_markdown(comparison) if options.markdown else as_text(comparison)))
    return 1 if options.exit_code and comparison.changes else 0
