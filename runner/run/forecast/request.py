"""A spec with a finished run -> the future beyond its data, as a file. Light: what is there already is not made again.

best       the first of the scoreboard, fitted on all history
NAME       any other member of it
champion   the registered model with that alias, as it was promoted
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from runner.errors import DataError, UsageError
from runner.files.atomic import write_bytes
from runner.files.checksum import file_sha256, sha256_of
from runner.files.documents import canonical_json, parse_json
from runner.language.parse import parse
from runner.progress import Listener, silent
from runner.run.session import Session, read_session
from runner.track.tags import CHAMPION
from runner.values.records import ModelResult, Scoreboard

BEST: Final = "best"
Format = Literal["parquet", "csv"]


@dataclass(frozen=True)
class ForecastRequest:
    """What is asked for."""

    model: str = BEST
    format: Format = "parquet"
    output: Path | None = None
    future: Path | None = None  # known covariates beyond the data, in place of `data.future`


@dataclass(frozen=True)
class Future:
    """A forecast on disk."""

    path: Path
    model: str  # on the scoreboard, or `champion`
    format: Format
    content: bytes
    about: Mapping[str, Any]  # of the file: what it was made with
    fresh: bool  # False when it had been made before


def forecast(
    path: Path, overrides: tuple[str, ...] = (), request: ForecastRequest | None = None, tell: Listener = silent
) -> Future:
    """Forecast with a model of the run of a spec. Raises DataError without a finished run."""
    return forecast_run(read_session(parse(path, overrides), overrides), request or ForecastRequest(), tell)


def forecast_run(session: Session, request: ForecastRequest, tell: Listener = silent) -> Future:
    """Make the forecast, or find it made. Raises DataError without a finished run, or without what must be known."""
    board = finished_board(session)
    model = CHAMPION if request.model == CHAMPION else chosen(board, request.model).model
    place = session.folder.future_path(model, request.format)
    # After a run that was broken off, the scoreboard may be newer than the final model.
    made = _made(session, model, place, request) if model != CHAMPION and session.folder.is_finished() else None
    if made is None:
        # The model libraries are imported only where there is something to forecast.
        predict = importlib.import_module("runner.run.forecast.predict").predict
        content, about = predict(session, board, model, request.format, request.future, tell)
        write_bytes(place, content)
        sealed = {**about, "future": _digest(request.future), "sha256": sha256_of(content)}
        write_bytes(_note(place), canonical_json(sealed) + b"\n")
        future = Future(place, model, request.format, content, about, fresh=True)
    else:
        future = made
    return _copied(future, request.output)


def finished_board(session: Session) -> Scoreboard:
    """Return the scoreboard of a run that has been finished with any budget. Raises DataError with the command.

    While a larger budget runs, or after it was interrupted, it is that of the earlier budget.
    """
    board = session.folder.scoreboard() if session.folder.has_finished() else None
    if board is None:
        benchmarked = session.store.benchmarked(session.spec.name)
        other = [folder.run_id for folder in benchmarked if folder.run_id != session.run_id]
        known = f" (run {other[-1]} is, of another spec, data or code)" if other else ""
        command = " ".join(["run-spec", str(session.document.path), *(f"--set {one}" for one in session.overrides)])
        raise DataError(
            f"{session.document.path}: run {session.run_id} of this spec, its data and this code is not finished"
            f"{known}; `{command}` makes it"
        )
    return board


def chosen(board: Scoreboard, name: str) -> ModelResult:
    """The row of a model. Raises UsageError for an unknown name, DataError for a model that failed."""
    rows = {row.model: row for row in board.results}
    row = board.results[0] if name == BEST and BEST not in rows else rows.get(name)
    if row is None:
        raise UsageError(f"--model {name}: there is {', '.join(rows)}; or `{BEST}`, or `{CHAMPION}`")
    if row.status == "failed":
        raise DataError(f"{row.model} has no result to forecast with: {row.reason}")
    return row


def _made(session: Session, model: str, place: Path, request: ForecastRequest) -> Future | None:
    """The forecast as it was made before, when it was made with this model and is still whole."""
    manifest = _digest(session.folder.final_path(model) / "payload" / "manifest.json")
    try:
        about = parse_json(_note(place).read_bytes())
        content = place.read_bytes()
    except (OSError, ValueError):
        return None
    wanted = {"manifest": manifest, "future": _digest(request.future), "sha256": sha256_of(content)}
    if manifest is None or not isinstance(about, dict) or any(about.get(key) != wanted[key] for key in wanted):
        return None
    return Future(place, model, request.format, content, about, fresh=False)


def _copied(future: Future, output: Path | None) -> Future:
    if output is None:
        return future
    if _digest(output) != sha256_of(future.content):
        write_bytes(output, future.content)
    return replace(future, path=output)


def _note(place: Path) -> Path:
    return place.with_name(f"{place.name}.json")


def _digest(path: Path | None) -> str | None:
    return None if path is None or not path.is_file() else file_sha256(path)
