"""What has to be delivered, as a list of events. An event's key has a digest of its content: it is sent once.

Light: whether anything is pending is decided without importing mlflow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from runner.files.checksum import digest, file_sha256
from runner.track.dataset import Data, inputs
from runner.track.run_content import (
    RunContent,
    best_result,
    delivered_trials,
    model_content,
    model_key,
    parent_content,
    parent_key,
    trial_content,
)
from runner.values.records import RunSnapshot


@dataclass(frozen=True)
class LogRun:
    """An MLflow run with its tags, parameters and metrics."""

    content: RunContent

    @property
    def key(self) -> str:
        return f"{self.content.key}#{digest(asdict(self.content))[:12]}"


@dataclass(frozen=True)
class LogFiles:
    """A file, or a folder with all its files."""

    run: str
    source: Path
    target: str
    content: str  # sha256

    @property
    def key(self) -> str:
        return f"{self.run}/files/{self.target}/{self.source.name}#{self.content[:12]}"


@dataclass(frozen=True)
class LogData:
    """The data a run has read."""

    run: str
    inputs: tuple[Data, ...]

    @property
    def key(self) -> str:
        return f"{self.run}/data#{digest([asdict(data) for data in self.inputs])[:12]}"


REGISTERING: Final = "/register#"
"""Is in the key of the event that makes a version, and in no other."""


@dataclass(frozen=True)
class Register:
    """A version of the registered model that points at a run's native files."""

    run: str
    name: str
    model: str
    content: str  # sha256 of the files

    @property
    def key(self) -> str:
        return f"{self.run}{REGISTERING}{self.content[:12]}"


@dataclass(frozen=True)
class Supersede:
    """Parents of other executions of the same run point to this one."""

    run: str

    @property
    def key(self) -> str:
        return f"{self.run}/supersede"


Event = LogRun | LogFiles | LogData | Register | Supersede
MODEL_FOLDER = "model"


@dataclass(frozen=True)
class DeliveryReport:
    """What arrived, and what is left for `run-spec sync`."""

    delivered: int
    pending: int
    message: str | None = None
    """One line for the user, without credentials; None when everything arrived."""
    trouble: str | None = None
    """What is wrong, without the place and the count."""
    run_url: str | None = None
    """Page of the parent run, where there is a server."""
    parent: str | None = None
    """Id of the parent run."""


def events(snapshot: RunSnapshot) -> tuple[Event, ...]:
    """Return all that is to be delivered, in an order that can stop anywhere; the parent is closed last."""
    return tuple(_events(snapshot))


def pending(snapshot: RunSnapshot, marks: Iterable[str]) -> int:
    """Return how many events a destination with these marks does not have."""
    delivered = frozenset(marks)
    return sum(event.key not in delivered for event in events(snapshot))


def _events(snapshot: RunSnapshot) -> Iterator[Event]:
    parent = parent_key(snapshot)
    yield LogData(parent, inputs(snapshot))
    for model in _models(snapshot):
        for trial in delivered_trials(snapshot, model):
            yield LogRun(trial_content(snapshot, model, trial))
        if model in snapshot.models and snapshot.models[model].is_dir():
            yield LogFiles(
                model_key(snapshot, model), snapshot.models[model], MODEL_FOLDER, _sha256(snapshot.models[model])
            )
        yield LogRun(model_content(snapshot, model))
    for source, target in snapshot.artifacts:
        if source.exists():
            yield LogFiles(parent, source, target, _sha256(source))
    yield from _registration(snapshot)
    yield LogRun(parent_content(snapshot))
    if snapshot.status.state == "finished":
        yield Supersede(parent)


def _models(snapshot: RunSnapshot) -> list[str]:
    """Return models in the order of the scoreboard; before there is one, of the studies."""
    ranked = [result.model for result in snapshot.board.results] if snapshot.board else []
    return list(dict.fromkeys([*ranked, *snapshot.studies]))


def _registration(snapshot: RunSnapshot) -> Iterator[Register]:
    best = best_result(snapshot) if snapshot.register == "best" and snapshot.status.state == "finished" else None
    folder = snapshot.models.get(best.model) if best else None
    if best is not None and folder is not None and folder.is_dir():
        yield Register(model_key(snapshot, best.model), snapshot.name, best.model, _sha256(folder))


def _sha256(place: Path) -> str:
    """Return the digest of a file, or of the names and contents of all files in a folder."""
    if place.is_file():
        return file_sha256(place)
    files = sorted(path for path in place.rglob("*") if path.is_file())
    return digest([[path.relative_to(place).as_posix(), _sha256(path)] for path in files])
