"""`run-spec sync`: deliver to MLflow what is pending."""

from __future__ import annotations

import argparse
from pathlib import Path

from runner.cli import say
from runner.spec.project import find_root
from runner.store.folder import Store
from runner.track.delivery import pack, send


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of a delivery."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="experiments; all when absent")


def perform(options: argparse.Namespace) -> int:
    """Deliver every run of every experiment; 5 when something is still pending."""
    store = Store(find_root(Path("here")))
    pending = 0
    for name in options.names or store.names():
        for folder in store.runs(name):
            parcel = pack(folder, store)
            if parcel is None:
                continue
            delivery = send(parcel)
            pending += delivery.pending
            say(delivery.message or f"{name} {folder.run_id}: {delivery.delivered} events delivered")
    return 5 if pending else 0
