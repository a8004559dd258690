"""`run-spec sync`: deliver to MLflow what is pending."""

from __future__ import annotations

import argparse
import os
import sqlite3
from pathlib import Path

from runner.cli import say
from runner.errors import StoreError
from runner.spec.project import find_root
from runner.store.folder import Store
from runner.track.delivery import pack, send
from runner.track.destination import Destination, destination
from runner.track.moved import settle


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of a delivery."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="experiments; all when absent")


def perform(options: argparse.Namespace) -> int:
    """Deliver every run of every experiment; 5 when something is still pending."""
    store = Store(find_root(Path("here")))
    _settle(destination(os.environ, store.root))
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


def _settle(place: Destination) -> None:
    """In a project that was moved there may be nothing pending, and still its store must learn where it is."""
    if place.database is None or place.artifacts is None or not place.present:
        return
    try:
        for left in settle(place.database, place.artifacts):
            say(f"artefacts that were at {left} are here now")
    except sqlite3.Error as error:
        raise StoreError(f"{place.label}: {error}; run the same command again") from None
