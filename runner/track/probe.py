"""A quick look whether a tracking server is there and is one, before anything waits for it."""

from __future__ import annotations

import json
from typing import Any, Final

from mlflow.utils import credentials, rest_utils

from runner.track.destination import Destination

_ENDPOINT: Final = "/api/2.0/mlflow/experiments/search"
_SECONDS: Final = 3
_credentials: Any = credentials.get_default_host_creds  # both are untyped
_request: Any = rest_utils.http_request


def unreachable(place: Destination) -> str | None:
    """Why a server cannot be used, in a few words; None when it can, or when the destination is no server."""
    if not place.remote:
        return None
    try:
        answer = _request(
            _credentials(place.uri),
            _ENDPOINT,
            "GET",
            max_retries=0,
            timeout=_SECONDS,
            raise_on_status=False,
            params={"max_results": 1},
        )
    except Exception as error:  # requests, urllib3 and MLflow each have their own
        return _connection_trouble(str(error))
    return _answer_trouble(answer)


def _answer_trouble(answer: Any) -> str | None:
    if answer.status_code in (401, 403):
        return (
            f"the server refuses our credentials ({answer.status_code}); set MLFLOW_TRACKING_USERNAME and "
            "MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
        )
    if answer.status_code >= 500 or answer.status_code == 429:
        return f"the server is in trouble (it answers {answer.status_code})"
    if answer.status_code != 200 or not _is_document(answer.text):
        return f"what answers there ({answer.status_code}) is not an MLflow server; check the address"
    return None


def _connection_trouble(text: str) -> str:
    lowered = text.lower()
    if "refused" in lowered:
        return "nothing listens there (connection refused)"
    if "timed out" in lowered or "timeout" in lowered:
        return f"no answer within {_SECONDS} s"
    if "resolve" in lowered or "name or service" in lowered:
        return "the host is not known"
    return "the server cannot be reached"


def _is_document(text: str) -> bool:
    try:
        return isinstance(json.loads(text or "{}"), dict)
    except ValueError:
        return False
