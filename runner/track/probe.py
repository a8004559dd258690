"""A quick look whether a tracking server is there and is one, before anything waits for it."""

from __future__ import annotations

import importlib
import os
from threading import Thread
from typing import Any, Final

from runner.track.destination import Destination
from runner.track.sign_in import answer_trouble, connection_trouble, plainly_signed, redirects, signed_session

_ENDPOINT: Final = "/api/2.0/mlflow/experiments/search"
SECONDS: Final = 3
PATIENCE: Final = 12
"""Seconds for the whole, with the import of MLflow where that has to ask."""


def unreachable(place: Destination) -> str | None:
    """Why a server cannot be used, in a few words; None when it can, or when the destination is no server.

    A server that answers and refuses is believed only when it refuses MLflow too, which does the real work.
    """
    if not place.remote:
        return None
    found: list[str | None] = []
    # A thread, because time-outs are for each read: a server that drips its answer would never reach one.
    asking = Thread(target=lambda: found.append(_trouble(place)), daemon=True)
    asking.start()
    asking.join(PATIENCE)
    return found[0] if found else f"no whole answer within {PATIENCE} s"


def _trouble(place: Destination) -> str | None:
    try:
        if plainly_signed(os.environ) and answer_trouble(_plainly(place)) is None:
            return None
        return answer_trouble(_through_mlflow(place))
    except Exception as error:  # requests, urllib3 and MLflow each have their own
        return connection_trouble(str(error), SECONDS)


def _plainly(place: Destination) -> Any:
    """Without MLflow, whose import takes longer than the answer."""
    address = f"{place.uri.rstrip('/')}{_ENDPOINT}"
    with signed_session() as session:
        return session.get(address, timeout=SECONDS, allow_redirects=redirects(), params={"max_results": 1})


def _through_mlflow(place: Destination) -> Any:
    """With certificates, signatures and plug-ins as MLflow knows them."""
    credentials = importlib.import_module("mlflow.utils.credentials").get_default_host_creds(place.uri)
    return importlib.import_module("mlflow.utils.rest_utils").http_request(
        credentials,
        _ENDPOINT,
        "GET",
        max_retries=0,
        timeout=SECONDS,
        raise_on_status=False,
        params={"max_results": 1},
    )
