"""Run `run-spec promote`: make the best model of a finished run the champion, or roll the champion back."""

from __future__ import annotations

import argparse

from runner.cli import echo
from runner.commands.gates import recheck_gates
from runner.commands.promote import promote, roll_back
from runner.results.summary import summary
from runner.run.gates import Challenger
from runner.track.delivery import deliver, prepare_delivery


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a promotion."""
    parser.add_argument("target", metavar="SPEC|NAME", help="a spec's file, or an experiment's name")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--first", action="store_true", help="pass gates that compare with a champion when there is none")
    way.add_argument("--rollback", action="store_true", help="make the previous champion the champion again")
    parser.add_argument("--summary", action="store_true", help="Markdown for a pull request")


def run(options: argparse.Namespace) -> int:
    """Move the alias and return 0. Raises RunSpecError when a gate does not pass or the registry is away."""
    if options.rollback:
        move = roll_back(options.target)
        echo(f"{move.name}: version {move.after} is champion again, version {move.before} no more")
        return 0
    challenger, verdicts, move = promote(options.target, first=options.first)
    if options.summary:
        echo(summary(challenger.document, verdicts).rstrip())
    if move.before == move.after:
        echo(f"{move.name}: version {move.after} is champion already")
    else:
        before = f", before it version {move.before}, kept as `previous`" if move.before else ""
        echo(f"{move.name}: version {move.after} is champion now{before}")
    _record_verdicts(challenger)
    return 0


def _record_verdicts(challenger: Challenger) -> None:
    """Write verdicts that are no longer unknown into the run's documents, and deliver them."""
    folder = challenger.store.run(challenger.name, challenger.document.run_id)
    delivery = prepare_delivery(folder, challenger.store) if recheck_gates(challenger, folder) else None
    report = deliver(delivery) if delivery else None
    if report is not None and report.message:
        echo(report.message)
