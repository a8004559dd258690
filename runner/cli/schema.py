"""Run `run-spec schema`: JSON Schemas, generated from the classes that define them."""

from __future__ import annotations

import argparse
from pathlib import Path

from runner.cli import echo, echo_error
from runner.commands.schema import schema_text, write_schemas
from runner.language.schema import experiment_schema
from runner.members.registry import FAMILIES


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the schemas."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        help="write all schemas to this folder; default: print that of specs, with installed plug-ins",
    )


def run(options: argparse.Namespace) -> int:
    """Print the spec's schema, or write all of them."""
    if options.folder is None:
        echo(schema_text(experiment_schema(plugins=True)).rstrip())
        for problem in (problem for family in FAMILIES.values() for problem in family.plugin_problems()):
            echo_error(f"warning: {problem}")
    else:
        echo("\n".join(str(path) for path in write_schemas(options.folder)))
    return 0
