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


def explain(document: Document, asked: str = "") -> tuple[Resolved, ...]:
    """Every value, or those at and below the dotted path `asked`. Raises UsageError when there is no such path."""
    dumped = document.spec.model_dump(mode="json")
    for folded in (True, False):
        found = tuple(_walk((), dumped, document.node, folded))
        if not asked:
            return found
        below = tuple(one for one in found if is_below(one.key, asked))
        if below:
            return below
    raise UsageError(_unknown(document, asked, found))


def is_below(key: str, asked: str) -> bool:
    """Whether the key is `asked` or lies below it."""
    return key == asked or key.startswith((f"{asked}.", f"{asked}["))


def brief(document: Document, values: Sequence[Resolved]) -> tuple[Resolved, ...]:
    """The same without what a model merely takes over: `features`, `target` and `training` told once."""
    dumped = document.spec.model_dump(mode="json")
    told: list[Resolved] = []
    for one in values:
        section = _taken_over(one.path, dumped)
        if section is None:
            told.append(one)
        elif told[-1].path != section:
            common = document.node.at(section[-1])
            told.append(Resolved(section, f"as {section[-1]}", common.place if common else None))
    return tuple(told)


def describe(document: Document, asked: str, values: Sequence[Resolved]) -> str:
    """What the language says of the key `asked`; empty for a name that the spec made up."""
    whole = values[0].path
    path = next((whole[:end] for end in range(1, len(whole) + 1) if dotted(whole[:end]) == asked), ())
    here: Any = document.spec
    text = ""
    for part in path:
        text, here = _below(here, part)
    return " ".join(text.split())


def _below(here: Any, part: str | int) -> tuple[str, Any]:
    """The description of a key and what stands under it."""
    if isinstance(here, Section):
        names = {field.alias or name: name for name, field in type(here).model_fields.items()}
        name = names.get(str(part), "")
        return descriptions(type(here)).get(name, ""), getattr(here, name, None)
    try:
        return "", here[part]
    except (KeyError, IndexError, TypeError):
        return "", None


def _walk(path: Path, dumped: Any, node: Node | None, folded: bool) -> Iterator[Resolved]:
    """`dumped` holds all values, `node` those that are written, with their places."""
    if node is None:
        yield from _defaults(path, dumped)
    elif folded and path and _on_one_line(dumped, node, path):
        yield Resolved(path, node.plain(), node.place)
    elif isinstance(dumped, dict) and dumped and isinstance(node.value, dict):
        for key, value in dumped.items():
            yield from _entry((*path, key), value, node, folded)
    elif isinstance(dumped, list) and node.items and len(node.items) == len(dumped):
        for index, (value, item) in enumerate(zip(dumped, node.items, strict=True)):
            yield from _walk((*path, index), value, item, folded)
    else:
        yield Resolved(path, dumped if isinstance(node.value, dict | list) else node.value, node.place)


def _entry(path: Path, value: Any, node: Node, folded: bool) -> Iterator[Resolved]:
    key = str(path[-1])
    if key == "use" and len(path) == 3 and key not in node.entries:
        yield Resolved(path, value, node.place)  # the name of the model is its kind
    else:
        yield from _walk(path, value, node.entries.get(key), folded)


def _defaults(path: Path, value: Any) -> Iterator[Resolved]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _defaults((*path, key), inner)
    else:
        yield Resolved(path, value)


def _on_one_line(dumped: Any, node: Node, path: Path) -> bool:
    """A list, or a choice such as `{float: [0.01, 0.3], log: true}`, that reads best as it was written."""
    if not isinstance(node.value, dict | list) or not node.value:
        return False
    places = {(inner.place.file, inner.place.value.line) for _, inner in node.walk()}
    one_line = len(places) == 1 and len(flow(node.plain())) <= LONGEST_LINE
    if is_dimension(path):
        return one_line
    return (one_line and isinstance(path[-1], int)) or (isinstance(node.value, list) and _scalars(node))


def is_dimension(path: Path) -> bool:
    """Whether a path is that of a searched parameter, in a space of whatever width."""
    if len(path) < 4 or path[0] != "models" or path[2] != "space":
        return False
    return len(path) == (5 if path[3] in ("params", "features", "target", "training") else 4)


def _scalars(node: Node) -> bool:
    return all(not isinstance(item.value, dict | list) and item.place.file == node.place.file for item in node.items)


def _taken_over(path: Path, dumped: Any) -> Path | None:
    """`models.NAME.features` where the value lies there and equals the common one."""
    if len(path) < 3 or path[0] != "models" or path[2] not in COMMON:
        return None
    section = str(path[2])
    return path[:3] if dumped["models"][path[1]][section] == dumped[section] else None


def _unknown(document: Document, asked: str, values: Sequence[Resolved]) -> str:
    known = dict.fromkeys(dotted(one.path[:end]) for one in values for end in range(1, len(one.path) + 1))
    head, _, last = asked.rpartition(".")
    siblings = [key for key in known if key.rpartition(".")[0] == head] if head in known or not head else []
    close = closest(asked, siblings, 0.6) or closest(asked, known, 0.6)
    if close is None:
        close = next((key for key in known if key.rpartition(".")[2] == last), None)
    advice = f"did you mean `{close}`?" if close else f"the sections are {', '.join(k for k in known if '.' not in k)}"
    return f"{document.path}: there is no `{asked[:80]}` in this spec; {advice}"
