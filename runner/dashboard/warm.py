"""Imports what pages need, and reads what the first page shows, in a thread.

What the first page needs comes at once; pandas, Altair and Optuna take seconds, and wait until it is drawn.
"""

from __future__ import annotations

import importlib
import logging
import threading
from contextlib import suppress
from typing import Final

THEN: Final = ("runner.dashboard.views.experiment", "runner.search.importance")
"""Modules of the other pages."""
PATIENCE: Final = 8.0
"""Seconds to wait for the first visitor, before the rest is imported."""
drawn: Final = threading.Event()
"""Set when the first page of this server has been drawn."""
_begun: Final = threading.Lock()


def warm_up() -> None:
    """Begin, the first time that it is called in a process."""
    if _begun.acquire(blocking=False):
        threading.Thread(target=_warm, daemon=True).start()


def _warm() -> None:
    logging.getLogger("streamlit").setLevel(logging.ERROR)  # it warns that this thread has no session
    with suppress(Exception):  # a page that needs what cannot be imported or read shows the error
        importlib.import_module("runner.dashboard.frame")
        portfolio = importlib.import_module("runner.dashboard.views.portfolio")
        importlib.import_module("runner.dashboard.access").read_first_page(portfolio.PER_PAGE)
    with suppress(Exception):
        drawn.wait(PATIENCE)
        for name in THEN:
            importlib.import_module(name)
