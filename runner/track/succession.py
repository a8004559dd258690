"""Which executions are still to be shown: those that no newer one of a store has superseded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from runner.track.tags import SUPERSEDED_BY

Run = TypeVar("Run")


def current(found: Iterable[tuple[str, Mapping[str, str], Run]]) -> Iterator[Run]:
    """Of runs with their ids and tags, the newest first, those that have no successor among the newer ones.

    A successor that was deleted, or that began earlier, counts for nothing.
    """
    newer: set[str] = set()
    for key, tags, run in found:
        if tags.get(SUPERSEDED_BY) not in newer:
            yield run
        newer.add(key)
