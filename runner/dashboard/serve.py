"""`python -m runner.dashboard.serve FLAGS`: Streamlit with our app, while a thread imports what its pages will need.

MLflow, Optuna and Plotly take seconds to import; nobody should wait for them who opens the first page.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from streamlit.web import cli

from runner.errors import RunSpecError
from runner.track.destination import destination

APP: Final = Path(__file__).with_name("app.py")
WARMED: Final = ("runner.dashboard.live", "runner.dashboard.views.experiment", "runner.report.importance")

PAUSE: Final = 4.0
"""Seconds left to a page that is opened at once, before the rest is imported."""


def main() -> None:
    """Serve until interrupted."""
    threading.Thread(target=warm, daemon=True).start()
    sys.argv = ["streamlit", "run", str(APP), *sys.argv[1:]]
    cli.main()


def warm() -> None:
    """Import what takes long, MLflow first, and have it open its store once; a failure shows where it matters."""
    logging.getLogger("streamlit").setLevel(logging.ERROR)  # it misses a session, which is none of our concern here
    for name in WARMED:
        module = importlib.import_module(name)
        if name == WARMED[0]:
            place = destination(os.environ, Path(os.environ.get("RUN_SPEC_ROOT") or Path.cwd()))
            with suppress(RunSpecError):
                if place.present:
                    module.Live(place).names()
            time.sleep(PAUSE)


if __name__ == "__main__":
    main()
