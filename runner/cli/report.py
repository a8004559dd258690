"""`run-spec report`: the report of a finished run, made again from its records."""

from __future__ import annotations

import argparse
from pathlib import Path

from runner.cli import complain, say, worst
from runner.errors import RunSpecError, UsageError
from runner.report.artefacts import make
from runner.spec.project import find_root
from runner.store.atomic import write_bytes
from runner.store.folder import Store
from runner.store.run import RunFolder
from runner.store.run_facts import run_facts


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of a report."""
    parser.add_argument("runs", nargs="+", metavar="NAME|RUN", help="an experiment (its latest finished run) or a run")


def perform(options: argparse.Namespace) -> int:
    """Write report.html, report.md and the plots of each; the worst exit code."""
    store, codes = Store(find_root(Path.cwd() / "specs")), []
    for wanted in options.runs:
        try:
            say(str(write_report(find_run(store, wanted))))
            codes.append(0)
        except RunSpecError as error:
            codes.append(complain(error))
    return worst(codes)


def find_run(store: Store, wanted: str) -> RunFolder:
    """The run of that id, or the latest finished one of that name. Raises UsageError when there is none."""
    name, _, run_id = wanted.partition("/")
    names = store.names()
    runs = [run for known in names if known == name for run in store.runs(known)]
    if run_id or not runs:
        chosen = run_id or name
        runs = [run for known in names for run in store.runs(known) if run.run_id == chosen]
    finished = [run for run in runs if run.document("benchmark") is not None]
    if not finished:
        raise UsageError(
            f"{wanted}: there is no finished run of that name or id; known are {', '.join(names) or 'none'}"
        )
    return max(finished, key=lambda run: str(run.document("benchmark").get("timestamp", "")))


def write_report(folder: RunFolder) -> Path:
    """Make all that is derived again; the path of the page."""
    for name, content in make(run_facts(folder)).items():
        write_bytes(folder.path / name, content)
    return folder.path / "report.html"
