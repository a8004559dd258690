"""How two trees become one: the child wins, maps merge, lists replace, null deletes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from runner.language.nodes import Node, Path, Place
from runner.values.space import DIMENSION_KEYS

WIDE_KEYS = frozenset({"params", "features", "target", "training"})
_CHOICES: tuple[Path, ...] = (
    ("data", "source"),
    ("data", "future"),
    ("data", "time"),
    ("evaluation", "metric"),
    ("run", "engine"),
    ("tracking", "server"),
)


def merge(base: Node, child: Node, path: Path = ()) -> Node:
    """Return the base overridden by the child. One-key choices such as `{csv: ...}` replace, never merge."""
    if not _merges(base, child, path):
        return child
    if is_space(path):
        base, child = _alike(base, child)
    entries = dict(base.entries)
    for key, node in child.entries.items():
        if node.value is None and key in entries:
            del entries[key]
        elif key in entries:
            entries[key] = merge(entries[key], node, (*path, key))
        else:
            entries[key] = node
    return Node(entries, child.place)


@dataclass(frozen=True)
class Repeat:
    """A key whose value the bases have too. `alone`: it is the only key of its map."""

    path: Path
    place: Place
    alone: bool


def repeats(base: Node, child: Node, path: Path = ()) -> Iterator[Repeat]:
    """Yield what the child could leave out; `version` is in every file."""
    for key, node in child.entries.items():
        inherited, at = base.entries.get(key), (*path, key)
        if inherited is None or at == ("version",):
            continue
        if _same(inherited, node):
            yield Repeat(at, node.place, len(child.entries) == 1)
        elif _merges(inherited, node, at):
            yield from repeats(inherited, node, at)


def _same(one: Node, other: Node) -> bool:
    if isinstance(one.value, bool) != isinstance(other.value, bool) or one.env or other.env:
        return False
    return type(one.value) is type(other.value) and bool(one.plain() == other.plain())


def _merges(base: Node, child: Node, path: Path) -> bool:
    if not isinstance(base.value, dict) or not isinstance(child.value, dict) or path in _CHOICES:
        return False
    return not (len(path) > 3 and is_space(path[:3]) and (_is_dimension(base) or _is_dimension(child)))


def _is_dimension(node: Node) -> bool:
    return any(key in node.entries for key in DIMENSION_KEYS)


def is_space(path: Path) -> bool:
    """Return whether the path is `models.NAME.space`."""
    return len(path) == 3 and path[0] == "models" and path[2] == "space"


def is_wide(space: Node) -> bool:
    """Return whether a space is `{params: ..., features: ...}` rather than parameters."""
    return bool(space.entries) and set(space.entries) <= WIDE_KEYS


def _alike(base: Node, child: Node) -> tuple[Node, Node]:
    if is_wide(base) == is_wide(child):
        return base, child
    return _widened(base), _widened(child)


def _widened(space: Node) -> Node:
    if is_wide(space) or not space.entries:
        return space
    return Node({"params": space}, space.place)
