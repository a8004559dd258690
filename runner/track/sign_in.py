"""How a tracking server is asked without MLflow: who we are, and what its answers mean in words."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Final

import requests

_SPECIAL: Final = ("AUTH", "AWS_SIGV4", "INSECURE_TLS", "CLIENT_CERT_PATH", "SERVER_CERT_PATH")


def plainly_signed(environ: Mapping[str, str]) -> bool:
    """Whether a name and password, a token or nothing is all it takes to be let in; else MLflow has to ask."""
    if any(environ.get(f"MLFLOW_TRACKING_{name}") for name in _SPECIAL) or environ.get("MLFLOW_WORKSPACE"):
        return False
    return not os.path.exists(os.path.expanduser("~/.mlflow/credentials")) and not _header_plugins()


@cache
def _header_plugins() -> bool:
    """Whether a plug-in of MLflow adds headers of its own to every question, often those that sign it."""
    return bool(entry_points(group="mlflow.request_header_provider"))


def redirects() -> bool:
    """Whether redirections are followed, as MLflow does unless it is told not to."""
    return os.environ.get("MLFLOW_ALLOW_HTTP_REDIRECTS", "true").lower() in ("true", "1")


def signed_session() -> requests.Session:
    """A session with the credentials of the environment: name and password when both are set, else the token."""
    session = requests.Session()
    name, password, token = (os.environ.get(f"MLFLOW_TRACKING_{part}") for part in ("USERNAME", "PASSWORD", "TOKEN"))
    if name and password:
        session.auth = (name, password)
    elif token:
        session.headers["Authorization"] = f"Bearer {token}"
    return session


def answer_trouble(answer: requests.Response) -> str | None:
    """What is wrong with an answer; None for a document."""
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


def connection_trouble(text: str, seconds: int) -> str:
    """What is wrong when nothing answers; `seconds` is how long we would have waited."""
    lowered = text.lower()
    if "refused" in lowered:
        return "nothing listens there (connection refused)"
    if "timed out" in lowered or "timeout" in lowered:
        return f"no answer within {seconds} s"
    if "redirect" in lowered:
        return "it redirects in a circle; check the address"
    if "resolve" in lowered or "name or service" in lowered:
        return "the host is not known"
    return "the server cannot be reached"


def _is_document(text: str) -> bool:
    try:
        return isinstance(json.loads(text or "{}"), dict)
    except ValueError:
        return False
