"""`run.log` of a run folder: everything that is logged, secrets redacted, from the driver and its workers alike."""

from __future__ import annotations

import logging
from pathlib import Path

from runner.files.redact import RedactingFormatter


def write_log(path: Path) -> logging.Handler:
    """Log to the end of the file at `path` from now on. The handler, so that it can be taken off again."""
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger("runner").setLevel(logging.INFO)
    return handler
