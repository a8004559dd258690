"""Delivery to MLflow, from finished values only.

Importing this package sets the environment that mlflow reads when it is imported, because its defaults wait for
minutes on a dead server, print, and report home. What the user has set stays.
"""

from __future__ import annotations

import os
from typing import Final

ENVIRONMENT: Final = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "3",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
}
"""Name -> value where the user has set none. With them a dead server costs about ten seconds, not four minutes."""

for _name, _value in ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)
