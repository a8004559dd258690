"""Files, overrides and environment -> one tree with places: `extends`, `--set` and `{env: NAME}`, nothing else."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from runner.errors import Span, UsageError
from runner.language import nodes
from runner.language.merge import Repeat, merge, repeats
from runner.language.nodes import Findings, Node, Place
from runner.language.overrides import override
from runner.language.project import allowed_names, confine, find_root
from runner.language.reader import MAX_BYTES, decode, read
from runner.language.scalars import ScalarError, resolve, shorten

MAX_FILES: Final = 50
MAX_CHAIN: Final = 20
SERVER: Final[nodes.Path] = ("tracking", "server")
TAGS: Final[nodes.Path] = ("tracking", "tags")
DEFAULT_SERVER: Final = "MLFLOW_TRACKING_URI"
_START: Final = Span(1, 1, 1, 1)


@dataclass(frozen=True)
class Composition:
    """The tree after composition. `whole` is False when a part could not be read, so that absent keys prove nothing."""

    node: Node
    root: Path
    text: str
    whole: bool
    repeated: tuple[Repeat, ...] = ()  # keys that say what is inherited anyway


def compose(
    path: Path, overrides: Sequence[str], environ: Mapping[str, str], findings: Findings, text: str | None = None
) -> Composition:
    """Return the spec at `path` with its bases, overrides and environment; problems go to `findings`.

    With `text` the file is not read: the spec is that text, and its bases lie where `path` says.
    """
    root = find_root(path)
    files = _Files(root, findings, text)
    content = files.content(path, str(path))
    node = files.tree(path, str(path), ()) if content is not None else None
    if node is None or not isinstance(node.value, dict):
        if node is not None:
            findings.at_value("FS011", "a spec is a map of keys", node.place, help="begin with `version: 1`")
        return Composition(Node({}, Place(str(path), _START)), root, content or "", whole=False)
    for text in overrides:
        node = override(node, text, findings)
    node = _Environment(root, environ, findings).filled(node, ())
    return Composition(node, root, content or "", files.whole, tuple(files.repeated))


@dataclass
class _Files:
    root: Path
    findings: Findings
    text: str | None = None
    whole: bool = True
    trees: dict[Path, Node | None] = field(default_factory=dict)
    repeated: list[Repeat] = field(default_factory=list)

    def content(self, path: Path, name: str, place: Place | None = None) -> str | None:
        """Return the text of a file; a base (one with a `place`) must be inside the project."""
        if place is None and self.text is not None:
            return self.text
        roots = (self.root,) if place else (Path(path.absolute().anchor),)
        reason = confine(path, roots)
        if reason is None:
            try:
                with path.open("rb") as stream:
                    return decode(stream.read(MAX_BYTES + 1), name, self.findings)
            except OSError as error:
                reason = f"it cannot be read ({error.strerror})"
        if place is None:
            self.findings.add("FS015", f"this spec cannot be read: {reason}", name, _START, help="check the path")
        else:
            help = f"paths are relative to {place.file} and stay inside the project"
            self.findings.at_value("FS015", f"`extends` cannot use {shorten(name)}: {reason}", place, help=help)
        return None

    def tree(self, path: Path, name: str, chain: tuple[Path, ...], place: Place | None = None) -> Node | None:
        """Return the tree of a file merged over its bases; None when it cannot be read."""
        key = Path(os.path.realpath(path))
        if key in chain:
            self._cycle((*chain[chain.index(key) :], key), place)
            return None
        if key not in self.trees:
            if len(self.trees) >= MAX_FILES or len(chain) >= MAX_CHAIN:
                self._too_many(place)
                return None
            self.trees[key] = self._read(path, name, (*chain, key), place)
        return self.trees[key]

    def _read(self, path: Path, name: str, chain: tuple[Path, ...], place: Place | None) -> Node | None:
        text = self.content(path, name, place)
        if text is None:
            self.whole = False
            return None
        reading = read(text, name, self.findings)
        self.whole = self.whole and reading.whole
        return self._extended(reading.node, path, name, chain)

    def _extended(self, node: Node, path: Path, name: str, chain: tuple[Path, ...]) -> Node:
        extends = node.entries.get("extends")
        if extends is None:
            return node
        merged: Node | None = None
        for item in self._bases(extends):
            base = self._base(item, path, name, chain)
            if base is not None:
                merged = base if merged is None else merge(merged, base)
        child = node.replaced("extends", None)
        if merged is None:
            return child
        self.repeated.extend(repeats(merged, child))
        return merge(merged, child)

    def _base(self, item: Node, path: Path, name: str, chain: tuple[Path, ...]) -> Node | None:
        shown = os.path.normpath(os.path.join(os.path.dirname(name), item.value))
        base = self.tree(path.parent / item.value, shown, chain, item.place)
        if base is None:
            self.whole = False
        elif not isinstance(base.value, dict):
            self.findings.at_value("FS011", "a base is a map of keys", base.place)
            return None
        return base

    def _bases(self, extends: Node) -> list[Node]:
        listed = extends.items if isinstance(extends.value, list) else [extends]
        good = [item for item in listed if isinstance(item.value, str) and item.value and "\0" not in item.value]
        for item in listed:
            if item not in good:
                help = "write `extends: [_shared/base.yaml]`"
                self.findings.at_value("FS015", "`extends` takes paths of spec files", item.place, ("extends",), help)
                self.whole = False
        return good

    def _cycle(self, chain: tuple[Path, ...], place: Place | None) -> None:
        names = " -> ".join(file.name for file in chain)
        if place:
            help = "let one of them stand alone"
            self.findings.at_value("FS015", f"`extends` runs in a circle: {shorten(names, 200)}", place, help=help)

    def _too_many(self, place: Place | None) -> None:
        if place:
            message = f"`extends` reaches more than {MAX_FILES} files or {MAX_CHAIN} levels"
            self.findings.at_value("FS006", message, place, help="merge some of the bases")


@dataclass
class _Environment:
    root: Path
    environ: Mapping[str, str]
    findings: Findings
    names: frozenset[str] | None = None

    def filled(self, node: Node, path: nodes.Path) -> Node:
        """Return the tree with each `{env: NAME}` replaced, except that of the tracking server."""
        name = node.entries.get("env")
        if name is not None and len(node.entries) == 1 and path != TAGS:
            return self._value(node, name, path)
        if isinstance(node.value, dict):
            entries = {key: self.filled(child, (*path, key)) for key, child in node.entries.items()}
            return Node(entries, node.place)
        if isinstance(node.value, list):
            return Node([self.filled(child, (*path, i)) for i, child in enumerate(node.items)], node.place)
        return node

    def _value(self, node: Node, name: Node, path: nodes.Path) -> Node:
        if not isinstance(name.value, str):
            self.findings.at_value("FS018", "`env` takes a name of the environment", node.place, path)
            return node
        allowed = name.value in self._allowed(node.place)
        if path == SERVER:
            if not allowed and name.value != DEFAULT_SERVER:
                self._refuse(node, name, path)
            return node
        if not allowed:
            self._refuse(node, name, path)
            return node
        if name.value not in self.environ:
            help = f"export {name.value}=... before the run"
            self.findings.at_value("FS018", f"`{name.value}` is not set in the environment", node.place, path, help)
            return node
        return Node(_typed(self.environ[name.value]), node.place, env=name.value)

    def _refuse(self, node: Node, name: Node, path: nodes.Path) -> None:
        help = "add it to `env` in [tool.run-spec] of pyproject.toml"
        message = f"`{shorten(str(name.value))}` may not be read from the environment"
        self.findings.at_value("FS018", message, node.place, path, help)

    def _allowed(self, place: Place) -> frozenset[str]:
        if self.names is None:
            try:
                self.names = allowed_names(self.root)
            except UsageError as error:
                self.findings.at_value("FS018", str(error), place)
                self.names = frozenset()
        return self.names


def _typed(text: str) -> object:
    """Return a variable's value as a number or boolean where it reads as one, else as text."""
    try:
        value = resolve(text)
    except ScalarError:
        return text
    return text if value is None else value
