"""Imports what pages will need, in a thread, in an order in which nobody waits.

What the first page needs comes at once; pandas, Altair and Optuna take seconds, and wait until it is drawn.
"""

from __future__ import annotations

import importlib
import logging
import threading
from contextlib import suppress
from typing import Final

FIRST: Final = ("runner.dashboard.frame", "runner.dashboard.views.portfolio", "runner.dashboard.live")
THEN: Final = ("runner.dashboard.views.experiment", "runner.search.importance")
PATIENCE: Final = 8.0
"""Seconds to wait for somebody who opens the first page, before the rest is imported."""
drawn: Final = threading.Event()
"""Set when somebody has seen a page of this server."""
_begun: Final = threading.Lock()


def warm_up() -> None:
    """Begin, the first time that it is called in a process."""
    if _begun.acquire(blocking=False):
        threading.Thread(target=_warm, daemon=True).start()


def _warm() -> None:
    logging.getLogger("streamlit").setLevel(logging.ERROR)  # it misses a session, which is none of our concern here
    with suppress(Exception):  # what cannot be imported is said by the page that needs it
        for name in FIRST:
            importlib.import_module(name)
        drawn.wait(PATIENCE)
        for name in THEN:
            importlib.import_module(name)
