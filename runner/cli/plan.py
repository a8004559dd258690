"""`run-spec plan`: what a run would do."""

from __future__ import annotations

import argparse

from runner.cli import complain, say, say_json, worst
from runner.cli.run import add_spec_arguments
from runner.errors import RunSpecError
from runner.language.find import find_spec
from runner.run.pipeline import preview


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of a plan."""
    add_spec_arguments(parser)


def perform(options: argparse.Namespace) -> int:
    """Print the plan of each spec; the worst exit code."""
    codes, documents = [], []
    for path in options.specs:
        try:
            lines, document = preview(find_spec(path), tuple(options.overrides))
        except RunSpecError as error:
            codes.append(complain(error))
            continue
        documents.append(document)
        if not options.json:
            say("\n".join([str(path), *lines]))
    if options.json:
        say_json(documents[0] if len(options.specs) == 1 and documents else documents)
    return worst(codes)
