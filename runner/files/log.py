"""Write `run.log`: what the driver and its workers log, with secrets redacted."""

from __future__ import annotations

import logging
from pathlib import Path

from runner.files.redact import RedactingFormatter


def write_log(path: Path) -> logging.Handler:
    """Append all log records to the file at `path`, and return the handler so that it can be removed."""
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger("runner").setLevel(logging.INFO)
    return handler
