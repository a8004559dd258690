"""Which way a tracking store is asked for lists and first pages."""

from __future__ import annotations

import importlib
import os

from runner.track.destination import Destination
from runner.track.glance import Glancer
from runner.track.glance_rest import RestGlance
from runner.track.glance_sqlite import SqliteGlance
from runner.track.sign_in import plainly_signed


def glancer(place: Destination) -> Glancer:
    """The way without MLflow where there is one, else through MLflow. Asks nothing yet."""
    plain = place.registry == place.uri and not _elsewhere()
    if plain and place.database is not None and SqliteGlance.knows(place.database):
        return SqliteGlance(place)
    if place.remote and plainly_signed(os.environ):
        return RestGlance(place)
    found: Glancer = importlib.import_module("runner.track.reading").ClientGlance(place)
    return found


def _elsewhere() -> bool:
    """Whether MLflow is told to look into a workspace other than that of a store without any."""
    return os.environ.get("MLFLOW_WORKSPACE", "").strip() not in ("", "default")
