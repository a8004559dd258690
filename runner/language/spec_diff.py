"""Two specs -> what changed in meaning: resolved values, not text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from runner.language.explain import is_dimension
from runner.language.inherit import COMMON
from runner.language.nodes import Node, Path, Place, dotted
from runner.language.parse import Document

Kind = Literal["added", "removed", "changed"]
CHOICES: Final[tuple[Path, ...]] = (
    ("data", "source"),
    ("data", "future"),
    ("data", "time"),
    ("evaluation", "metric"),
    ("run", "engine"),
)
"""Values of one key, where another key is another thing."""
ABSENT: Final = object()
"""Marks the side that has no such key."""


@dataclass(frozen=True)
class Change:
    """One value that differs. A side that lacks it is ABSENT and has no place; a default has no place either."""

    path: Path
    before: Any
    after: Any
    place_before: Place | None = None
    place_after: Place | None = None

    @property
    def key(self) -> str:
        return dotted(self.path)

    @property
    def kind(self) -> Kind:
        if self.before is ABSENT:
            return "added"
        return "removed" if self.after is ABSENT else "changed"


@dataclass(frozen=True)
class _Side:
    """A value as validated, and the node that wrote it, if any."""

    value: Any
    node: Node | None

    def below(self, key: str) -> _Side:
        inner = self.value.get(key, ABSENT) if isinstance(self.value, dict) else ABSENT
        return _Side(inner, self.node.entries.get(key) if self.node else None)

    @property
    def shown(self) -> Any:
        """As written; the default where nothing is."""
        return self.value if self.node is None or self.value is ABSENT else self.node.plain()

    @property
    def place(self) -> Place | None:
        return self.node.place if self.node is not None and self.value is not ABSENT else None


def changes(before: Document, after: Document) -> tuple[Change, ...]:
    """Return every difference in the order of the language; a model, list or parameter is one.

    What a model inherits from the common `features:`, `target:` and `training:` is listed once, there.
    """
    old, new = (_Side(document.spec.model_dump(mode="json"), document.node) for document in (before, after))
    differences = tuple(_compared((), old, new))
    common = {change.path: change for change in differences if change.path[0] in COMMON}
    return tuple(change for change in differences if not _is_inherited(change, common))


def _compared(path: Path, old: _Side, new: _Side) -> Iterator[Change]:
    if _same(old.value, new.value):
        return
    if not isinstance(old.value, dict) or not isinstance(new.value, dict) or _is_whole(path, old.value, new.value):
        yield _change(path, old, new)
        return
    for key in dict.fromkeys((*new.value, *old.value)):
        yield from _compared((*path, key), old.below(key), new.below(key))


def _change(path: Path, old: _Side, new: _Side) -> Change:
    if is_model(path):
        before, after = (side.value if side.value is ABSENT else side.value["use"] for side in (old, new))
        return Change(path, before, after, old.place, new.place)
    return Change(path, old.shown, new.shown, old.place, new.place)


def is_model(path: Path) -> bool:
    """Return whether the path is `models.NAME`."""
    return len(path) == 2 and path[0] == "models"


def _is_whole(path: Path, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Return whether two maps are one change: a searched parameter, a model of another kind, another choice."""
    if is_model(path):
        return bool(old["use"] != new["use"])
    return is_dimension(path) or (path in CHOICES and next(iter(old), None) != next(iter(new), None))


def _same(before: Any, after: Any) -> bool:
    return type(before) is type(after) and bool(before == after)


def _is_inherited(change: Change, common: dict[Path, Change]) -> bool:
    """Return whether a model's difference repeats that of the common section."""
    shared = common.get(change.path[2:]) if change.path[0] == "models" else None
    return shared is not None and _same(shared.before, change.before) and _same(shared.after, change.after)
