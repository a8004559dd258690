"""`run-spec sync`: deliver to MLflow what is pending."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from runner.cli import echo, report_error
from runner.commands.gates import find_challenger, recheck_gates
from runner.errors import RunSpecError, StoreError, UsageError
from runner.language.find import near
from runner.language.project import find_root
from runner.store.folder import Store
from runner.store.run import RunFolder
from runner.track.delivery import Delivery, deliver, prepare_delivery
from runner.track.events import DeliveryReport


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of a delivery."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="experiments; all when absent")


def run(options: argparse.Namespace) -> int:
    """Deliver every run of every experiment; 5 when something is still pending, or cannot be read."""
    store = Store(find_root(Path("here")))
    names = _known(options.names, store.names())
    left = [_left(folder, store) for name in names for folder in store.runs(name)]
    return 5 if any(left) else 0


def _known(names: Sequence[str], known: Sequence[str]) -> Sequence[str]:
    for name in names:
        if name not in known:
            there = near(name, {other: other for other in known})
            raise UsageError(f"{name}: there are no runs of that name in results/runs{there}")
    return names or known


def _left(folder: RunFolder, store: Store) -> bool:
    """Deliver a run; whether something of it has not arrived. One that cannot be read is named, and the next is due."""
    try:
        delivery = prepare_delivery(folder, store)
        if delivery is None:
            return False
        report = _send(delivery)
    except RunSpecError as error:
        report_error(error)
        return True
    except Exception as error:  # documents of another shape may raise anything, and the runs after it are due
        cause = f"{type(error).__name__}: {error}".splitlines()[0]
        hint = "run its spec again, or delete the folder"
        report_error(StoreError(f"{folder.path}: its records cannot be delivered ({cause}); {hint}"))
        return True
    echo(report.message or f"{folder.name} {folder.run_id}: {report.delivered} events delivered")
    return report.pending > 0


def _send(delivery: Delivery) -> DeliveryReport:
    """Deliver it; and again when gates that stood open, perhaps because the server was away, are judged by that."""
    report = deliver(delivery)
    if not report.delivered or report.pending or not _recheck_gates(delivery.folder):
        return report
    again = deliver(delivery)
    return replace(again, delivered=report.delivered + again.delivered)


def _recheck_gates(folder: RunFolder) -> bool:
    with suppress(UsageError):  # there are no results of that name
        return recheck_gates(find_challenger(folder.name), folder)
    return False
