"""The files of the registered champion."""

from __future__ import annotations

import shutil
from pathlib import Path

from mlflow.artifacts import download_artifacts

from runner.errors import StoreError, UsageError
from runner.track.client import one_line, open_client, quiet
from runner.track.destination import Destination
from runner.track.glance import CHAMPION
from runner.track.probe import unreachable
from runner.track.registry import alias


def fetch_champion(place: Destination, name: str, folder: Path) -> str:
    """Copy the champion's model into an existing folder; the number of its version.

    Raises StoreError when the registry cannot be used, UsageError when it has no champion of that name.
    """
    if not place.present:
        raise UsageError(_none(place, name))
    trouble = unreachable(place)
    if trouble is not None:
        raise StoreError(f"{place.label}: {trouble}; `--model best` needs no tracking server")
    try:
        with quiet():
            client = open_client(place)
            version = alias(client, name, CHAMPION)
            if version is None:
                raise UsageError(_none(place, name))
            uri = client.get_model_version_download_uri(name, version)
            found = Path(download_artifacts(artifact_uri=uri, tracking_uri=place.uri, dst_path=str(folder / "there")))
    except UsageError:
        raise
    except Exception as error:  # an MLflow store may raise anything, from any library below it
        raise StoreError(f"{place.label}: {one_line(error)}; `--model best` needs no tracking server") from None
    if not (found / "payload").is_dir():
        raise UsageError(f"{name}: version {version} is not a model that run-spec has made for forecasting")
    shutil.copytree(found / "payload", folder / "payload")
    return version


def _none(place: Destination, name: str) -> str:
    return (
        f"{name}: there is no champion in {place.label}; `run-spec promote {name}` makes one, `--model best` needs none"
    )
