"""`run-spec promote`: the best model of a finished run becomes the champion, or the champion is rolled back."""

from __future__ import annotations

import argparse

from runner.cli import echo
from runner.commands.gates import recheck_gates
from runner.commands.promote import promote, roll_back
from runner.results.summary import summary
from runner.run.gates import Challenger
from runner.track.delivery import pack, send


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of a promotion."""
    parser.add_argument("target", metavar="SPEC|NAME", help="a spec's file, or an experiment's name")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--first", action="store_true", help="pass the gates that have no champion to compare with yet")
    way.add_argument("--rollback", action="store_true", help="make the previous champion the champion again")
    parser.add_argument("--summary", action="store_true", help="Markdown for a pull request")


def run(options: argparse.Namespace) -> int:
    """Move the alias; 6 when a gate is failed or unknown, 5 when the registry is away."""
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
    _write_down(challenger)
    return 0


def _write_down(challenger: Challenger) -> None:
    """Verdicts that stood open until now, in the run's documents and where it was delivered."""
    folder = challenger.store.run(challenger.name, challenger.document.run_id)
    parcel = pack(folder, challenger.store) if recheck_gates(challenger, folder) else None
    delivery = send(parcel) if parcel else None
    if delivery is not None and delivery.message:
        echo(delivery.message)
