"""`run-spec report`: the report of a finished run, made again from its records."""

from __future__ import annotations

import argparse
from pathlib import Path

from runner.cli import combine_exit_codes, echo, report_error
from runner.errors import RunSpecError, UsageError
from runner.language.find import SUFFIXES, find_spec, near
from runner.language.parse import parse
from runner.language.project import find_root
from runner.report.artifacts import make
from runner.run.artifacts import write_derived
from runner.store.folder import Store
from runner.store.run import RunFolder
from runner.store.run_facts import run_facts


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of a report."""
    parser.add_argument("runs", nargs="+", metavar="SPEC|NAME|RUN", help="an experiment (its newest results) or a run")


def run(options: argparse.Namespace) -> int:
    """Write report.html, report.md and the plots of each; the worst exit code."""
    store, codes = Store(find_root(Path.cwd() / "specs")), []
    for wanted in options.runs:
        try:
            echo(str(write_report(find_run(store, _experiment(wanted)))))
            codes.append(0)
        except RunSpecError as error:
            codes.append(report_error(error))
    return combine_exit_codes(codes)


def _experiment(wanted: str) -> str:
    """The name of the experiment where a spec was typed."""
    return parse(find_spec(wanted)).spec.name if wanted.endswith(SUFFIXES) else wanted


def find_run(store: Store, wanted: str) -> RunFolder:
    """The run of that id, or the one with the newest results of that name. Raises UsageError when there is none."""
    name, _, run_id = wanted.partition("/")
    names = store.names()
    if run_id:
        runs = [run for run in (store.with_results(name) if name in names else []) if run.run_id == run_id]
    elif name in names:
        runs = store.with_results(name)
    else:
        runs = [run for known in names for run in store.with_results(known) if run.run_id == name]
    if not runs:
        meant = near(name, {known: known for known in names}) or f"; known are {', '.join(names) or 'none'}"
        raise UsageError(f"{wanted}: there is no finished run of that name or id{meant}")
    return runs[-1]


def write_report(folder: RunFolder) -> Path:
    """Make all that is derived again; the path of the page."""
    write_derived(folder, make(run_facts(folder)))
    return folder.path / "report.html"
