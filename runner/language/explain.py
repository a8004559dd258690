"""Document -> every resolved value with the place that set it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from runner.errors import UsageError, closest
from runner.language.inherit import COMMON
from runner.language.inline_yaml import flow
from runner.language.nodes import Node, Path, Place, dotted
from runner.language.parse import Document
from runner.language.schema import descriptions
from runner.values.section import Section

LONGEST_LINE: Final = 70


@dataclass(frozen=True)
class Resolved:
    """One value of the resolved spec. `place` is None for a default of the language."""

    path: Path
    value: Any  # plain: as written, or the default
    place: Place | None = None

    @property
    def key(self) -> str:
        """`models.lightgbm.space.num_leaves`."""
        return dotted(self.path)

    @property
    def origin(self) -> str:
        """`specs/a.yaml:12`, `--set study.budget.trials`, or `default`."""
        if self.place is None:
            return "default"
        return self.place.file if is_override(self.place) else f"{self.place.file}:{self.place.line}"


def is_override(place: Place) -> bool:
    """Whether the value came from the command line."""
    return place.file.startswith("--set ")


def explain(document: Document, key: str = "") -> tuple[Resolved, ...]:
    """Return every value, or those at and below the dotted path `key`. Raises UsageError for an unknown path."""
    plain = document.spec.model_dump(mode="json")
    for fold in (True, False):
        entries = tuple(_walk((), plain, document.node, fold))
        if not key:
            return entries
        below = tuple(entry for entry in entries if is_below(entry.key, key))
        if below:
            return below
    raise UsageError(_unknown(document, key, entries))


def is_below(path: str, key: str) -> bool:
    """Return whether `path` is `key` or below it."""
    return path == key or path.startswith((f"{key}.", f"{key}["))


def brief(document: Document, values: Sequence[Resolved]) -> tuple[Resolved, ...]:
    """Return the values, with a section that a model inherits as one line."""
    plain = document.spec.model_dump(mode="json")
    rows: list[Resolved] = []
    for entry in values:
        section = _inherited_section(entry.path, plain)
        if section is None:
            rows.append(entry)
        elif rows[-1].path != section:
            common = document.node.at(section[-1])
            rows.append(Resolved(section, f"as {section[-1]}", common.place if common else None))
    return tuple(rows)


def describe(document: Document, key: str, values: Sequence[Resolved]) -> str:
    """Return the description of a key of the language; empty for a name that the spec chose."""
    whole = values[0].path
    path = next((whole[:end] for end in range(1, len(whole) + 1) if dotted(whole[:end]) == key), ())
    here: Any = document.spec
    text = ""
    for part in path:
        text, here = _below(here, part)
    return " ".join(text.split())


def _below(here: Any, part: str | int) -> tuple[str, Any]:
    """Return the description of a key and the type below it."""
    if isinstance(here, Section):
        names = {field.alias or name: name for name, field in type(here).model_fields.items()}
        name = names.get(str(part), "")
        return descriptions(type(here)).get(name, ""), getattr(here, name, None)
    try:
        return "", here[part]
    except (KeyError, IndexError, TypeError):
        return "", None


def _walk(path: Path, plain: Any, node: Node | None, fold: bool) -> Iterator[Resolved]:
    """Yield each value of `plain`, with its place where `node` has it."""
    if node is None:
        yield from _defaults(path, plain)
    elif fold and path and _on_one_line(plain, node, path):
        yield Resolved(path, node.plain(), node.place)
    elif isinstance(plain, dict) and plain and isinstance(node.value, dict):
        for key, value in plain.items():
            yield from _entry((*path, key), value, node, fold)
    elif isinstance(plain, list) and node.items and len(node.items) == len(plain):
        for index, (value, item) in enumerate(zip(plain, node.items, strict=True)):
            yield from _walk((*path, index), value, item, fold)
    else:
        yield Resolved(path, plain if isinstance(node.value, dict | list) else node.value, node.place)


def _entry(path: Path, value: Any, node: Node, fold: bool) -> Iterator[Resolved]:
    key = str(path[-1])
    if key == "use" and len(path) == 3 and key not in node.entries:
        yield Resolved(path, value, node.place)  # the name of the model is its kind
    else:
        yield from _walk(path, value, node.entries.get(key), fold)


def _defaults(path: Path, value: Any) -> Iterator[Resolved]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _defaults((*path, key), inner)
    else:
        yield Resolved(path, value)


def _on_one_line(plain: Any, node: Node, path: Path) -> bool:
    """Return whether a value reads best on one line: a list, or a choice such as `{int: [1, 9]}`."""
    if not isinstance(node.value, dict | list) or not node.value:
        return False
    places = {(inner.place.file, inner.place.value.line) for _, inner in node.walk()}
    one_line = len(places) == 1 and len(flow(node.plain())) <= LONGEST_LINE
    if is_dimension(path):
        return one_line
    return (one_line and isinstance(path[-1], int)) or (isinstance(node.value, list) and _scalars(node))


def is_dimension(path: Path) -> bool:
    """Return whether a path is that of a searched parameter."""
    if len(path) < 4 or path[0] != "models" or path[2] != "space":
        return False
    return len(path) == (5 if path[3] in ("params", "features", "target", "training") else 4)


def _scalars(node: Node) -> bool:
    return all(not isinstance(item.value, dict | list) and item.place.file == node.place.file for item in node.items)


def _inherited_section(path: Path, plain: Any) -> Path | None:
    """Return `models.NAME.features` for a path there whose value equals the common one."""
    if len(path) < 3 or path[0] != "models" or path[2] not in COMMON:
        return None
    section = str(path[2])
    return path[:3] if plain["models"][path[1]][section] == plain[section] else None


def _unknown(document: Document, name: str, values: Sequence[Resolved]) -> str:
    keys = dict.fromkeys(dotted(entry.path[:end]) for entry in values for end in range(1, len(entry.path) + 1))
    head, _, last = name.rpartition(".")
    siblings = [key for key in keys if key.rpartition(".")[0] == head] if head in keys or not head else []
    close = closest(name, siblings, 0.6) or closest(name, keys, 0.6)
    if close is None:
        close = next((key for key in keys if key.rpartition(".")[2] == last), None)
    advice = f"did you mean `{close}`?" if close else f"the sections are {', '.join(k for k in keys if '.' not in k)}"
    return f"{document.path}: there is no `{name[:80]}` in this spec; {advice}"
