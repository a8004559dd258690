"""`run-spec schema`: JSON Schemas, generated from the one definition."""

from __future__ import annotations

import argparse
from pathlib import Path

from runner.cli import echo
from runner.commands.schema import SCHEMAS, schema_text, write_schemas


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the schemas."""
    parser.add_argument("folder", nargs="?", type=Path, help="where to write all of them; else the spec's is printed")


def run(options: argparse.Namespace) -> int:
    """Print the spec's schema, or write all of them."""
    if options.folder is None:
        echo(schema_text(SCHEMAS["experiment.v1.schema.json"]()).rstrip())
    else:
        echo("\n".join(str(path) for path in write_schemas(options.folder)))
    return 0
