"""Define the progress records of a run, which go to one callback. The command line decides how they look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """A line for the user."""

    text: str
    level: str = "info"  # info, warning


@dataclass(frozen=True)
class Planned:
    """The plan of the work, before it starts."""

    lines: tuple[str, ...]
    trials: dict[str, tuple[int, int]]  # model -> (recorded already, in all)


@dataclass(frozen=True)
class TrialDone:
    """A trial is on disk."""

    model: str
    number: int
    state: str
    value: float | None
    best: float | None  # of this model so far
    done: int
    total: int
    seconds: float
    reason: str | None = None


@dataclass(frozen=True)
class MemberDone:
    """A scoreboard row is on disk."""

    model: str
    status: str
    value: float | None
    done: int
    total: int
    reason: str | None = None


Event = Note | Planned | TrialDone | MemberDone
Listener = Callable[[Event], None]


def silent(_event: Event) -> None:
    """Ignore every event."""
