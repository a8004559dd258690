"""What an engine is: jobs go in, outcomes come out as they finish, and a dead worker is an outcome too.

A job is a value, so that it can travel to any machine. It names its function as text: an engine does not import what
it runs. The function returns records and bytes; the driver alone writes them into the project.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from runner.data.workspace import Workspace
from runner.families.engines.stop import Stop


@dataclass(frozen=True)
class Job:
    """A call to make in a worker: `function(workspace, *arguments)`. All of it can be pickled."""

    function: str  # "module:name"
    arguments: tuple[Any, ...]
    workspace: Workspace


@dataclass(frozen=True)
class Lost:
    """The outcome of a job that no worker could finish."""

    reason: str
    attempts: int
    seconds: float = field(default=0.0, compare=False)  # since its first attempt
    limit: float | None = None  # seconds, where a time limit ended it


@dataclass(frozen=True)
class EngineOptions:
    """How jobs are run, whichever engine runs them."""

    workers: int
    retries: int  # further attempts of a job whose worker died
    timeout: float | None = None  # seconds of one job
    stop: Stop = field(default_factory=Stop)
    on_stop: Callable[[], None] = lambda: None  # called once, when a stop is first seen
    log: Path | None = None  # where workers of this machine log


class Engine(Protocol):
    """Where jobs run. The heavy half of a member is called with EngineOptions and the member's own section."""

    def submit(self, job: Job) -> None:
        """Add a job. It starts while `outcomes` is read, in the order of submission."""

    def outcomes(self) -> Iterator[tuple[Job, Any | Lost]]:
        """Yield each submitted job with what its function returned, or with Lost, in the order of finishing.

        Ends when no job is left; jobs may be submitted between two outcomes. Raises what the function of a job has
        raised (a MemoryError is Lost), and Interrupted once a stop was asked for and what was running has finished or
        had its time of grace.
        """

    def close(self) -> None:
        """End the workers, running or not, and forget what was submitted; the next job gets new workers."""


def call(job: Job) -> Any:
    """Make the call that a job describes. Runs in a worker."""
    module, _, name = job.function.partition(":")
    return getattr(importlib.import_module(module), name)(job.workspace, *job.arguments)
