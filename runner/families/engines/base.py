"""What an engine is: jobs in, outcomes out as they finish, and a worker that died is an outcome too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

J = TypeVar("J")

Perform = Callable[[Any], Any]
"""Job -> outcome; importable by name, so that a worker process can find it."""


@dataclass(frozen=True)
class Lost:
    """A job that no worker could finish."""

    reason: str
    attempts: int
    seconds: float = field(default=0.0, compare=False)  # since it was first begun
    limit: float | None = None  # seconds, where a time limit ended it


class Engine(Protocol):
    """Where jobs run."""

    def run(self, jobs: Iterable[J | None]) -> Iterator[tuple[J, Any | Lost]]:
        """Each job with its outcome, in the order of finishing. Raises Interrupted once a stop was asked for.

        A job is drawn when a worker is free for it. None: there is no other one until an outcome is known.
        """

    def close(self) -> None:
        """End the workers; those still running are killed. `run` begins new ones."""
