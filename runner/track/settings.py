"""Settings of MLflow while we use it: short time-outs, no output, no telemetry. The host process keeps its own.

Light: importing this module imports no MLflow and changes nothing.
"""

from __future__ import annotations

import importlib
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

ENVIRONMENT: Final = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "3",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
}
"""Name -> value where the user has set none. MLflow's own defaults wait for minutes on a dead server."""
_LOGGERS: Final = ("mlflow", "alembic", "urllib3")


@dataclass
class _Use:
    """How many threads use MLflow, and what the first of them changed."""

    threads: int = 0
    names: tuple[str, ...] = ()
    levels: Mapping[str, int] = field(default_factory=dict)


_use: Final = _Use()
_lock: Final = threading.Lock()


@contextmanager
def mlflow_settings() -> Iterator[None]:
    """Apply the settings while MLflow is used, and give the process back its own.

    MLflow reads its variables when it is called. Variables and log levels belong to the whole process, so the last
    thread to leave restores what the first one changed. MLflow's messages hold credentials; ours say what matters.
    """
    with _lock:
        if not _use.threads:
            _apply()
        _use.threads += 1
    try:
        yield
    finally:
        with _lock:
            _use.threads -= 1
            if not _use.threads:
                _restore()


def load_quietly(name: str) -> Any:
    """Import a module that imports MLflow, which decides about telemetry when it is imported."""
    with mlflow_settings():
        return importlib.import_module(name)


def _apply() -> None:
    _use.names = tuple(name for name in ENVIRONMENT if name not in os.environ)
    _use.levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    os.environ.update({name: ENVIRONMENT[name] for name in _use.names})
    _set_levels(dict.fromkeys(_LOGGERS, logging.CRITICAL + 1))


def _restore() -> None:
    for name in _use.names:
        if os.environ.get(name) == ENVIRONMENT[name]:
            del os.environ[name]
    _set_levels(_use.levels)


def _set_levels(levels: Mapping[str, int]) -> None:
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
