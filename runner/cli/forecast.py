"""Run `run-spec forecast`: the future beyond the data."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path
from typing import Any

from runner.cli import add_set_argument, echo, echo_json
from runner.errors import UsageError
from runner.language.find import find_spec
from runner.progress import Event, Note
from runner.run.forecast.request import ForecastRequest, Future, forecast

MOST_ROWS = 12
FORMATS = {".csv": "csv", ".parquet": "parquet", ".pq": "parquet"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a forecast."""
    parser.add_argument("spec", type=Path, metavar="SPEC", help="a file, or the name of an experiment")
    parser.add_argument(
        "--model", default="best", metavar="NAME", help="a model of the scoreboard, `best` (the default), or `champion`"
    )
    parser.add_argument("--format", choices=("parquet", "csv"), default=None, help="default: parquet")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="another file to write it to")
    parser.add_argument(
        "--future", type=Path, metavar="FILE", help="csv or parquet: known covariates beyond the data, by id and time"
    )
    add_set_argument(parser, "override a value, as in the run")
    parser.add_argument("--json", action="store_true", help="print its path and how it was made, as JSON")


def run(options: argparse.Namespace) -> int:
    """Write the forecast and print its first rows."""
    request = ForecastRequest(options.model, _format(options), options.output, options.future)
    future = forecast(find_spec(options.spec), tuple(options.overrides), request, _silent if options.json else _tell)
    if options.json:
        echo_json({"path": str(future.path), "fresh": future.fresh, **future.about})
    else:
        echo("\n".join([*_table(future), "", _where(future)]))
    return 0


def _format(options: argparse.Namespace) -> Any:
    """Return the format of the options, or of the output's suffix. Raises UsageError for another suffix."""
    if options.format is not None or options.output is None:
        return options.format or "parquet"
    suffix = options.output.suffix.lower()
    if suffix not in FORMATS:
        raise UsageError(f"{options.output}: unknown format (`{suffix}`); hint: .csv, .parquet or --format")
    return FORMATS[suffix]


def _tell(event: Event) -> None:
    if isinstance(event, Note):
        echo(event.text)


def _silent(_event: Event) -> None:
    """Print nothing besides the JSON."""


def _where(future: Future) -> str:
    rows = f"{future.about['rows']:,} rows by {future.about['model']} of run {future.about['run_id']}"
    return f"forecast  {future.path} ({rows}{'' if future.fresh else '; made earlier'})"


def _table(future: Future) -> list[str]:
    # Imported here so that `--help` needs no pyarrow.
    preview = importlib.import_module("runner.run.forecast.preview").preview
    lines: list[str] = preview(future.content, future.format, MOST_ROWS)
    return lines
