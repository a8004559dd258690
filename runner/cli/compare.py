"""Run `run-spec compare`: one table over experiments."""

from __future__ import annotations

import argparse
from pathlib import Path

from runner.cli import combine_exit_codes, echo, report_error
from runner.commands.compare import compare, write_table
from runner.errors import StoreError
from runner.language.project import find_root


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a comparison."""
    parser.add_argument(
        "targets", nargs="*", metavar="SPEC|NAME|RUN", help="specs, experiments, run ids or results documents; else all"
    )
    parser.add_argument("--runs", action="store_true", help="every run of an experiment, not only its latest")
    parser.add_argument("--source", choices=("files", "mlflow"), default="files", help="where to read the results")
    parser.add_argument("--format", choices=("text", "json", "csv", "markdown"), default="text")


def run(options: argparse.Namespace) -> int:
    """Print the table, and return 5 when a document could not be read."""
    broken: list[StoreError] = []
    root = find_root(Path("here"))
    comparison = compare(root, options.targets, source=options.source, every=options.runs, on_broken=broken.append)
    if comparison or not broken:
        echo(write_table(comparison, options.format))
    if options.format == "text" and any(row.significant for row in comparison):
        echo("* differs significantly from the best model of its experiment")
    return combine_exit_codes([0, *map(report_error, broken)])
