"""Run `run-spec run`: from specs to scoreboards."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from rich.console import Console

from runner.api.screen import WIDTH_WITHOUT_TERMINAL, Screen
from runner.cli import add_set_argument, combine_exit_codes, echo, echo_json, report_error
from runner.cli.console import final_report
from runner.errors import Interrupted, RunSpecError
from runner.families.engines.parent_watch import follow_dvc
from runner.families.engines.stop import Stop
from runner.language.find import find_spec
from runner.language.parse import parse
from runner.run.launch import Outcome, launch


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a run."""
    add_spec_arguments(parser)
    parser.add_argument("--force", action="store_true", help="run a finished spec again; the old run is archived")
    parser.add_argument(
        "--defer-gates", action="store_true", help="record a failed gate without changing the exit code"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress")


def add_spec_arguments(parser: argparse.ArgumentParser) -> None:
    """Add specs, overrides and `--json`, which `run` and `plan` share."""
    parser.add_argument("specs", nargs="+", type=Path, metavar="SPEC", help="a file, or the name of an experiment")
    add_set_argument(parser, "override a value, such as study.budget.trials=5; such a run writes only its own folder")
    parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")


def run(options: argparse.Namespace) -> int:
    """Run each spec, and return the worst exit code."""
    follow_dvc(os.environ)
    codes, outcomes = [], []
    for path in options.specs:
        try:
            outcome = _run_one(find_spec(path), options)
        except RunSpecError as error:
            codes.append(report_error(error))
            if isinstance(error, Interrupted):
                break
            continue
        codes.append(outcome.exit_code)
        outcomes.append(outcome)
    if options.json:
        documents = [outcome.document.model_dump(mode="json") for outcome in outcomes]
        echo_json(documents[0] if len(options.specs) == 1 and documents else documents)
    return combine_exit_codes(codes)


def _run_one(path: Path, options: argparse.Namespace) -> Outcome:
    with Screen(quiet=options.quiet or options.json) as screen:
        outcome = launch(
            parse(path, options.overrides),
            tuple(options.overrides),
            force=options.force,
            defer_gates=options.defer_gates,
            tell=screen,
            stop=Stop(by_signals=True),
        )
    if not options.json:
        width = None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL
        console = Console(highlight=False, width=width)
        with console.capture() as captured:
            console.print(final_report(outcome), soft_wrap=True)
        echo(captured.get().rstrip("\n"))
    return outcome
