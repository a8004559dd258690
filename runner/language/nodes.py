"""The tree between text and spec: plain values that remember which file and line set them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from runner.errors import Diagnostic, Edit, Severity, Span
from runner.language.scalars import shorten

Path = tuple[str | int, ...]
"""Keys and list positions from the root of the spec to a value."""

MOST_FINDINGS: Final = 200
_PART: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value was written: the file as the user knows it, the span of the value, and of its key if it has one."""

    file: str
    value: Span
    key: Span | None = None

    @property
    def line(self) -> int:
        """1-based line of the key, or of the value where there is no key."""
        return (self.key or self.value).line


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar, a map of nodes or a list of nodes, with its place. Never changed: merging makes new ones.

    `env` is the name in the environment that the value was read from.
    """

    value: Any
    place: Place
    quoted: bool = False
    env: str = ""

    @property
    def entries(self) -> dict[str, Node]:
        """The entries of a map; empty for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """The items of a list; empty for anything else."""
        return self.value if isinstance(self.value, list) else []

    def at(self, *path: str | int) -> Node | None:
        """Return the node below, or None."""
        node: Node | None = self
        for part in path:
            if node is None:
                return None
            node = node._child(part)
        return node

    def _child(self, part: str | int) -> Node | None:
        if isinstance(part, str):
            return self.entries.get(part)
        return self.items[part] if 0 <= part < len(self.items) else None

    def replaced(self, key: str, child: Node | None) -> Node:
        """Return the map with an entry replaced, or removed when `child` is None."""
        entries = {name: node for name, node in self.entries.items() if name != key or child is not None}
        if child is not None:
            entries[key] = child
        return Node(entries, self.place)

    def plain(self) -> Any:
        """Return the values without places: dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        return [node.plain() for node in self.value] if isinstance(self.value, list) else self.value

    def walk(self, path: Path = ()) -> Iterator[tuple[Path, Node]]:
        """Yield this node and every node below it with its path, in reading order."""
        yield path, self
        for key, node in self.entries.items():
            yield from node.walk((*path, key))
        for index, node in enumerate(self.items):
            yield from node.walk((*path, index))

    def origins(self) -> Mapping[Path, Place]:
        """Return path -> place, for every value."""
        return {path: node.place for path, node in self.walk()}


def dotted(path: Path) -> str:
    """Return the path as text: `models.lightgbm.space.num_leaves`, `evaluation.report[2]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{shorten(part)}" if text else shorten(part)
    return text


def parse_dotted(key: str) -> Path:
    """Return the path of a dotted key: `data.join[0].source` -> ("data", "join", 0, "source")."""
    return tuple(int(part) if part.isdecimal() else part for part in _PART.findall(key))


@dataclass
class Findings:
    """Diagnostics of one reading, reported together."""

    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether further problems are dropped."""
        return len(self.diagnostics) >= MOST_FINDINGS

    def add(
        self, code: str, message: str, file: str, span: Span, *, path: Path = (), help: str = "",
        severity: Severity = "error", fix: tuple[Edit, ...] = (),
    ) -> None:  # fmt: skip
        """Note one problem; those after MOST_FINDINGS are dropped."""
        if self.full:
            return
        self.diagnostics.append(Diagnostic(code, message, file, span, dotted(path), help, severity, fix))

    def at_key(self, code: str, message: str, place: Place, path: Path = (), help: str = "") -> None:
        """Note a problem of a key (or of a value that has none)."""
        self.add(code, message, place.file, place.key or place.value, path=path, help=help)

    def at_value(
        self, code: str, message: str, place: Place, path: Path = (), help: str = "", instead: str | None = None
    ) -> None:  # fmt: skip
        """Note a problem of a value; `instead` is what to write for it when there is no doubt."""
        fix = () if instead is None else (Edit(place.value, instead),)
        self.add(code, message, place.file, place.value, path=path, help=help, fix=fix)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """Return each diagnostic once, in reading order; models that inherit a value share its diagnostic."""
        unique: dict[tuple[str, str, str, Span], Diagnostic] = {}
        for diagnostic in self.diagnostics:
            unique.setdefault((diagnostic.code, diagnostic.message, diagnostic.file, diagnostic.span), diagnostic)
        files = {name: rank for rank, name in enumerate(dict.fromkeys(d.file for d in self.diagnostics))}
        return tuple(sorted(unique.values(), key=lambda d: (files[d.file], d.span, d.code)))
