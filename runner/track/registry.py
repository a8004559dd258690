"""The model registry: who is champion, who was it before, and why.

The alias `champion` names the version that others are compared with, `previous` the one before it. Each version that
was promoted remembers over which one, so that a rollback can go back further than one step.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.exceptions import MlflowException

from runner.errors import StoreError, UsageError
from runner.files.documents import parse_json
from runner.results.document import BenchmarkDocument, as_results
from runner.results.gates import Champion, Found, MuteChampion, NoChampion
from runner.track.client import connect
from runner.track.destination import Destination
from runner.track.documents import document
from runner.track.tags import CHAMPION, DATA, EXECUTION, MODEL, PARENT, RUN_ID

PREVIOUS: Final = "previous"
_OVER: Final = "run_spec.promoted_over"
_SHA256: Final = "run_spec.sha256"
_SINCE: Final = "\n\nChampion since "
_ABSENT: Final = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
"""What MLflow says of a model or an alias that is not there; the second for an alias of a model that is."""


@dataclass(frozen=True)
class Move:
    """An alias that was moved: from which version to which. None where there was none."""

    name: str
    before: str | None
    after: str


@dataclass(frozen=True)
class Offer:
    """A model's files that are to be a version of a registered model."""

    name: str  # of the registered model
    model: str  # on the scoreboard
    sha256: str  # of the files
    run_id: str  # ours
    execution: str
    run: str  # id of the MLflow run that has the files
    source: str  # where they are
    note: str = ""
    about: str = ""  # of the registered model, where it is made here


def register(client: MlflowClient, offer: Offer) -> str:
    """Return the version with these bytes: the newest of this model of this run where it has them, else a new one.

    A grown budget whose winner is the same makes no version; the existing one gets the tag of the new execution.
    """
    ignore_existing(lambda: client.create_registered_model(offer.name, description=offer.about or None))
    there = next((v for v in _newest_first(client, offer.name) if _is_of(v, offer.run_id, offer.model)), None)
    if there is not None and there.tags.get(_SHA256) == offer.sha256:
        number = str(there.version)
        if there.tags.get(EXECUTION) != offer.execution:
            client.set_model_version_tag(offer.name, number, EXECUTION, offer.execution)
        return number
    tags = {RUN_ID: offer.run_id, MODEL: offer.model, _SHA256: offer.sha256, EXECUTION: offer.execution}
    made = client.create_model_version(
        offer.name, offer.source, offer.run, tags, description=offer.note or None, await_creation_for=0
    )
    return str(made.version)


def find_champion(place: Destination, name: str) -> Found:
    """Return the champion of a registered model with the results of its run. Raises nothing: a reason is returned."""
    if not place.present:
        return NoChampion("there is no champion yet")
    try:
        with connect(place) as client:
            return _champion(client, name)
    except StoreError as error:
        return NoChampion(str(error), away=True)


def fetch_champion(place: Destination, name: str, folder: Path) -> str:
    """Copy the files of the champion into an existing folder; return the number of its version.

    Raises StoreError when the registry cannot be used, UsageError when it has no champion of that name.
    """
    if not place.present:
        raise UsageError(_no_champion(place, name))
    try:
        with connect(place) as client:
            version = alias(client, name, CHAMPION)
            if version is None:
                raise UsageError(_no_champion(place, name))
            uri = client.get_model_version_download_uri(name, version)
            there = download_artifacts(artifact_uri=uri, tracking_uri=place.uri, dst_path=str(folder / "there"))
    except StoreError as error:
        raise StoreError(f"{error}; `--model best` needs no tracking server") from None
    if not (Path(there) / "payload").is_dir():
        raise UsageError(f"{name}: version {version} is not a model that run-spec has made for forecasting")
    shutil.copytree(Path(there) / "payload", folder / "payload")
    return version


def _no_champion(place: Destination, name: str) -> str:
    hint = f"`run-spec promote {name}` makes one, `--model best` needs none"
    return f"{name}: there is no champion in {place.label}; {hint}"


def promote(place: Destination, name: str, run_id: str, model: str, because: str, moment: str) -> Move:
    """Make the version of a run's model the champion, and the champion the previous one. Again is as good as once.

    Raises StoreError when the registry cannot be used, UsageError when it has no such version.
    """
    with connect(place, writing=True) as client:
        chosen = _version_of(client, name, run_id, model)
        version = str(chosen.version)
        before = alias(client, name, CHAMPION)
        if before == version:
            return Move(name, before, version)
        tags = {"run_spec.promoted": moment, "run_spec.promoted_because": because}
        for key, value in ({**tags, _OVER: before} if before else tags).items():
            client.set_model_version_tag(name, version, key, value)
        if before:
            client.set_registered_model_alias(name, PREVIOUS, before)
        client.set_registered_model_alias(name, CHAMPION, version)
        what = (chosen.description or f"{model} of run {run_id}.").partition(_SINCE)[0]
        client.update_model_version(name, version, f"{what}{_SINCE}{moment}: {because}")
        return Move(name, before, version)


def roll_back(place: Destination, name: str, moment: str) -> Move:
    """Make the previous version the champion again, and the one before that the previous one.

    Raises StoreError when the registry cannot be used, UsageError when there is nothing to go back to.
    """
    if not place.present:
        raise UsageError(f"{name}: there is no champion in {place.label} to go back from")
    with connect(place, writing=True) as client:
        before = alias(client, name, CHAMPION)
        if before is None:
            raise UsageError(f"{name}: there is no champion to go back from; `run-spec promote {name}` makes one")
        after = _before(client, name, before)
        if after is None:
            raise UsageError(f"{name}: version {before} is the first champion: there is none before it to go back to")
        earlier = _replaced(client, name, after)
        if earlier:
            client.set_registered_model_alias(name, PREVIOUS, earlier)
        else:
            client.delete_registered_model_alias(name, PREVIOUS)
        client.set_registered_model_alias(name, CHAMPION, after)
        client.set_model_version_tag(name, before, "run_spec.rolled_back", moment)
        return Move(name, before, after)


def _before(client: MlflowClient, name: str, champion: str) -> str | None:
    """The version before the champion: the one called so, unless a move was killed before it had moved both aliases.

    A promotion leaves both at the champion, a rollback leaves `previous` one step too far back, or nowhere.
    """
    called, replaced = alias(client, name, PREVIOUS), _replaced(client, name, champion)
    killed = called == champion or (replaced is not None and called == _replaced(client, name, replaced))
    return replaced if killed else called


def _replaced(client: MlflowClient, name: str, number: str) -> str | None:
    """The version that was champion when this one was promoted, where it is still there."""
    earlier = client.get_model_version(name, number).tags.get(_OVER)
    return earlier if earlier and _exists(client, name, earlier) else None


def ignore_existing(create: Callable[[], Any]) -> None:
    """Make something in MLflow, unless somebody else has."""
    try:
        create()
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def alias(client: MlflowClient, name: str, label: str) -> str | None:
    """Return the number of the version of a registered model with this alias, or None."""
    try:
        return str(client.get_model_version_by_alias(name, label).version)
    except MlflowException as error:
        if error.error_code in _ABSENT:
            return None
        raise


def _champion(client: MlflowClient, name: str) -> Found:
    number = alias(client, name, CHAMPION)
    if number is None:
        return NoChampion("there is no champion yet")
    mute = MuteChampion(number, f"the champion (version {number}) has no results document to be compared with")
    version = client.get_model_version(name, number)
    run = _run(client, str(version.run_id))
    parent = _run(client, run.data.tags.get(PARENT, run.info.run_id)) if run else None
    if run is None or parent is None:
        return mute
    results = _document(client, parent.info.run_id)
    model = run.data.tags.get("model_name", "")
    if results is None or model not in {row.model_name for row in results.results}:
        return mute
    tags = parent.data.tags
    digests = {key.removeprefix(DATA): value for key, value in tags.items() if key.startswith(DATA)}
    return Champion(number, model, results, digests)


def _run(client: MlflowClient, run: str) -> Any:
    """An MLflow run; None when it was deleted for good."""
    try:
        return client.get_run(run)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise


def _document(client: MlflowClient, run: str) -> BenchmarkDocument | None:
    """Return the results that were delivered with a run; None when there are none, or of another version."""
    content = document(client, run)
    try:
        return None if content is None else as_results(parse_json(content))
    except ValueError:
        return None


def _version_of(client: MlflowClient, name: str, run_id: str, model: str) -> Any:
    """The newest version that was made of this model of this run."""
    for version in _newest_first(client, name):
        if _is_of(version, run_id, model):
            return version
    raise UsageError(f"{name}: {model} of run {run_id} is not registered, because it has left no model files")


def _newest_first(client: MlflowClient, name: str) -> list[Any]:
    return sorted(client.search_model_versions(f"name='{name}'"), key=lambda version: -int(version.version))


def _is_of(version: Any, run_id: str, model: str) -> bool:
    """Return whether a version was made of this model of this run."""
    return bool(version.tags.get(RUN_ID) == run_id and version.tags.get(MODEL) == model)


def _exists(client: MlflowClient, name: str, number: str) -> bool:
    try:
        return client.get_model_version(name, number) is not None
    except MlflowException as error:
        if error.error_code in _ABSENT:
            return False
        raise
