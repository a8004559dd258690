"""`run-spec report`: the report of a finished run, made again from its records."""

from __future__ import annotations

import argparse
from pathlib import Path

from runner.cli import combine_exit_codes, echo, report_error
from runner.errors import RunSpecError
from runner.language.find import SUFFIXES, find_spec
from runner.language.parse import parse
from runner.language.project import find_root
from runner.report.artifacts import make
from runner.run.artifacts import write_derived
from runner.store.folder import Store
from runner.store.run import RunFolder
from runner.store.run_facts import run_facts


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a report."""
    parser.add_argument("runs", nargs="+", metavar="SPEC|NAME|RUN", help="an experiment (its newest results) or a run")


def run(options: argparse.Namespace) -> int:
    """Write report.html, report.md and the plots of each run, and return the worst exit code."""
    store, codes = Store(find_root(Path.cwd() / "specs")), []
    for target in options.runs:
        try:
            echo(str(write_report(store.find_run(_experiment(target)))))
            codes.append(0)
        except RunSpecError as error:
            codes.append(report_error(error))
    return combine_exit_codes(codes)


def _experiment(target: str) -> str:
    """Return the experiment of a spec's file; any other text as it is."""
    return parse(find_spec(target)).spec.name if target.endswith(SUFFIXES) else target


def write_report(folder: RunFolder) -> Path:
    """Write all derived files of a run again, and return the path of the page."""
    write_derived(folder, make(run_facts(folder)))
    return folder.path / "report.html"
