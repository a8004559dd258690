"""`--set a.b.c=VALUE`: one value of the tree, from the command line."""

from __future__ import annotations

import re
from typing import Final

from runner.errors import Span
from runner.language.nodes import Findings, Node, Path, Place
from runner.language.reader import read
from runner.language.scalars import shorten

_SHAPE: Final = re.compile(r"(?P<path>[^\s=]{1,300})=(?P<value>.*)", re.DOTALL)
_WORD: Final = re.compile(r"[^.\[\]]+")
SHAPE_HELP: Final = "write `--set study.budget.trials=5`"
_SHARED: Final = "extends"


def override(node: Node, text: str, findings: Findings) -> Node:
    """Return the tree with one value set; an empty value or `null` deletes it. Malformed text is reported as FS017."""
    reason = malformed(text)
    if reason:
        return _refuse(node, text, reason, findings)
    key, _, written_value = text.partition("=")
    parts = _parts(key)
    file = f"--set {key}"
    before = len(findings.diagnostics)
    value = read(written_value or "null", file, findings).node
    if len(findings.diagnostics) > before:
        return node
    written = Node(value.value, Place(file, value.place.value, None), value.quoted)
    return _placed(node, parts, (), written, findings)


def malformed(text: str) -> str:
    """Return the reason a text can be no override; else empty."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return "is not KEY=VALUE"
    parts = _parts(match["path"])
    if not all(_WORD.fullmatch(part) for part in parts):
        return "has an empty part in its key"
    return "cannot change `extends`" if parts[0] == _SHARED else ""


def _parts(key: str) -> list[str]:
    return key.replace("[", ".").replace("]", "").split(".")


def _placed(node: Node, parts: list[str], path: Path, value: Node, findings: Findings) -> Node:
    if isinstance(node.value, list):
        return _in_list(node, parts, path, value, findings)
    if not isinstance(node.value, dict):
        return _refuse(node, ".".join(parts), f"goes below `{shorten(str(node.value))}`, which is not a map", findings)
    key, rest = _split(node, parts)
    if not rest:
        return node.replaced(key, None if value.value is None else value)
    below = node.entries.get(key) or Node({}, value.place)
    return node.replaced(key, _placed(below, rest, (*path, key), value, findings))


def _split(node: Node, parts: list[str]) -> tuple[str, list[str]]:
    """Split off the longest run of parts that is a key here: names of models may contain dots."""
    for length in range(len(parts), 1, -1):
        if ".".join(parts[:length]) in node.entries:
            return ".".join(parts[:length]), parts[length:]
    return parts[0], parts[1:]


def _in_list(node: Node, parts: list[str], path: Path, value: Node, findings: Findings) -> Node:
    if not (parts[0].isascii() and parts[0].isdecimal()) or int(parts[0][:9]) >= len(node.items):
        return _refuse(node, ".".join(parts), f"needs a position below {len(node.items)} in a list", findings)
    items, index = list(node.items), int(parts[0])
    items[index] = _placed(items[index], parts[1:], (*path, index), value, findings) if parts[1:] else value
    return Node(items, node.place)


def _refuse(node: Node, text: str, reason: str, findings: Findings) -> Node:
    span = Span(1, 1, 1, len(text) + 1)
    findings.add("FS017", f"`--set {shorten(text)}` {reason}", "--set", span, help=SHAPE_HELP)
    return node
