"""Run `run-spec plan`: show what a run would do."""

from __future__ import annotations

import argparse

from runner.cli import combine_exit_codes, echo, echo_json, report_error
from runner.cli.run import add_spec_arguments
from runner.errors import RunSpecError
from runner.language.find import find_spec
from runner.language.parse import parse
from runner.run.prepare import preview


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a plan."""
    add_spec_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Print the plan of each spec, and return the worst exit code."""
    codes, documents = [], []
    for path in options.specs:
        try:
            lines, document = preview(parse(find_spec(path), options.overrides), tuple(options.overrides))
        except RunSpecError as error:
            codes.append(report_error(error))
            continue
        documents.append(document)
        if not options.json:
            echo("\n".join([str(path), *lines]))
    if options.json:
        echo_json(documents[0] if len(options.specs) == 1 and documents else documents)
    return combine_exit_codes(codes)
