"""What pydantic complains about, as sentences with an address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from runner.errors import Span, closest, did_you_mean
from runner.language.key_paths import allowed_keys, homes_of
from runner.language.nodes import Findings, Node, Path
from runner.language.scalars import is_sexagesimal, look_alike, shorten
from runner.members.models import MODELS
from runner.members.sources import SOURCES
from runner.values.space import DIMENSION_KEYS

_EXPECTED: Final[Mapping[str, str]] = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a map of keys",
    "model_type": "a map of keys",
    "model_attributes_type": "a map of keys",
    "none_required": "nothing",
}
_BOUNDS: Final[Mapping[str, tuple[str, str]]] = {
    "greater_than_equal": ("at least {}", "ge"),
    "greater_than": ("more than {}", "gt"),
    "less_than_equal": ("at most {}", "le"),
    "less_than": ("less than {}", "lt"),
}
_NAMES: Final = "use small letters, digits, `.`, `_` and `-`, at most 100 of them"
_OPTION: Final = re.compile(r"'([^']*)'|(-?\d+|True|False)")


def translate(error: ValidationError, node: Node, findings: Findings) -> None:
    """Add every error of a validation to `findings`, at the place in the tree that it is about."""
    taken = {(found.file, found.span) for found in findings.found}
    keys: list[tuple[Path, Mapping[str, Any]]] = []
    grouped: dict[Path, list[Mapping[str, Any]]] = {}
    for item in error.errors(include_url=False, include_context=True):
        path = locate(item["loc"], node, item["type"])
        if item["loc"][-1:] == ("[key]",):
            keys.append((path, item))
        else:
            grouped.setdefault(path, []).append(item)
    for path, _ in keys:
        place = (node.at(*path) or node).place
        findings.at_key("FS011", f"`{shorten(str(path[-1]))}` is not a name", place, path, _NAMES)
    inner = {path[:end] for path in grouped for end in range(len(path))}
    for path, items in grouped.items():
        if path in inner or findings.full or _is_misspelt(path, grouped):
            continue
        if not _judged(path, node, taken):
            _report(path, items, node, findings)


def _is_misspelt(path: Path, grouped: Mapping[Path, list[Mapping[str, Any]]]) -> bool:
    """Whether a missing key stands there after all, a letter off: then that letter is the problem."""
    if grouped[path][0]["type"] != "missing":
        return False
    others = [other for other, items in grouped.items() if items[0]["type"] == "extra_forbidden"]
    return any(closest(str(other[-1]), [str(path[-1])], 0.75) for other in others[:20] if other[:-1] == path[:-1])


def _judged(path: Path, node: Node, taken: set[tuple[str, Span]]) -> bool:
    """Whether the value, or one around it, was found wrong already: two sentences about one slip confuse."""
    around = [found for end in range(1, len(path) + 1) if (found := node.at(*path[:end])) is not None]
    return any((found.place.file, found.place.value) in taken for found in around)


def locate(loc: tuple[str | int, ...], node: Node, kind: str) -> Path:
    """The path in the tree that a location of pydantic means: parts that match no node (tags of unions) are dropped.

    A tag may be spelt like a key (`float`), so the reading that reaches the last part wins, then the longest one.
    A missing key ends the path although there is no node for it.
    """
    parts = tuple(part for part in loc if part != "[key]")
    if kind == "missing" and parts:
        return (*_reading(parts[:-1], node)[2], parts[-1])
    return _reading(parts, node)[2]


def _reading(parts: tuple[str | int, ...], node: Node) -> tuple[bool, int, Path]:
    """(whether the last part is met, how many are, the path)."""
    if not parts:
        return False, 0, ()
    found: list[tuple[bool, int, Path]] = []
    step = _step(parts[0], node)
    if step:
        below = node.at(*step)
        met, count, path = _reading(parts[1:], below) if below is not None else (False, 0, ())
        found.append((met or len(parts) == 1, count + 1, (*step, *path)))
    if not step or (len(parts) > 1 and not found[0][0]):
        found.append(_reading(parts[1:], node))
    return max(found, key=lambda reading: reading[:2])


def _step(part: str | int, node: Node) -> Path:
    if node.at(part) is not None:
        return (part,)
    if len(node.entries) == 1:
        ((only, inner),) = node.entries.items()  # `{mase: {season: 0}}` is read as two keys
        if inner.at(part) is not None:
            return (only, part)
    return ()


def _report(path: Path, items: list[Mapping[str, Any]], node: Node, findings: Findings) -> None:
    kind = items[0]["type"]
    if kind == "missing":
        _missing(path, node, findings)
    elif kind == "extra_forbidden":
        _unknown(path, items[0]["loc"], node, findings)
    else:
        _value(path, items, node, findings)


def _missing(path: Path, node: Node, findings: Findings) -> None:
    parent = node.at(*path[:-1]) or node
    where = "the spec" if len(path) == 1 else f"`{path[-2]}`"
    findings.at_key("FS014", f"{where} needs the key `{path[-1]}`", parent.place, path, _missing_help(path))


def _missing_help(path: Path) -> str:
    examples: Mapping[Path, str] = {
        ("version",): "write `version: 1`",
        ("name",): "write `name: project_objective`",
        ("models",): "name at least one model, such as `seasonal_naive: {}`",
        ("forecast",): "say how many steps ahead: `forecast: {horizon: 13}`",
    }
    return examples.get(path, "")


def _unknown(path: Path, loc: tuple[str | int, ...], node: Node, findings: Findings) -> None:
    key = str(path[-1])
    place = (node.at(*path) or node).place
    allowed = allowed_keys(loc[:-1], node)
    close = closest(key, allowed, 0.75)
    homes = homes_of(key)
    if close is None and homes:
        findings.at_key("FS012", f"`{key}` is not a key of {_owner(path)}", place, path, f"it belongs in {homes}")
        return
    close = close or closest(key, allowed, 0.5)
    help = f"did you mean `{close}`?" if close else f"known are {', '.join(allowed)}" if allowed else ""
    findings.at_key("FS010", f"unknown key `{shorten(key)}`", place, path, help)


def _owner(path: Path) -> str:
    return f"`{path[-2]}`" if len(path) > 1 else "the spec"


def _value(path: Path, items: list[Mapping[str, Any]], node: Node, findings: Findings) -> None:
    found = node.at(*path) or node
    if path == ("version",):
        message = f"version {_shown(found)} of the language is not known"
        findings.at_value("FS013", message, found.place, path, "this run-spec understands `version: 1`")
        return
    if found.value is None and path:
        message = f"`{path[-1]}` has no value, and `null` deletes only what is inherited"
        findings.at_value("FS011", message, found.place, path, "write a value, `{}` for defaults, or drop the key")
        return
    wanted = _wanted(items)
    literals = _literals(items)
    if wanted:
        message = f"expected {' or '.join(wanted)}, got {_shown(found)}"
    else:
        message = str(items[0]["msg"]).removeprefix("Value error, ")
    usual = "FS307" if items[0]["loc"][-1] == "kind" and path[0] in ("evaluation", "gates") else "FS011"
    help = _help(path, found, literals) or _reshape(wanted, items[0]["loc"], found, node)
    code, help, instead = _look_alike(found, items) or (usual, help, None)
    findings.at_value(code, message, found.place, path, help, instead)


def _reshape(wanted: list[str], loc: tuple[str | int, ...], found: Node, node: Node) -> str:
    """How to write what seems to be meant in the shape that is needed."""
    if loc == ("models",):
        return "write `models: {seasonal_naive: {}, lightgbm: {}}`"
    if wanted == [_EXPECTED["dict_type"]]:
        keys = allowed_keys(loc, node)
        return f"its keys are {', '.join(keys)}" if keys else ""
    if isinstance(found.value, dict | list) or found.value == "":
        return ""
    if wanted == [_EXPECTED["string_type"]]:
        return "put it in quotes"
    return f"write `[{shorten(str(found.value))}]`" if wanted == [_EXPECTED["tuple_type"]] else ""


def expectation(error: ValidationError) -> str:
    """What a value that is judged alone should have been."""
    items = error.errors(include_url=False)
    return f"expected {' or '.join(_wanted(items))}" if _wanted(items) else str(items[0]["msg"])


def _wanted(items: Iterable[Mapping[str, Any]]) -> list[str]:
    phrases = [_phrase(item) for item in items]
    return list(dict.fromkeys(phrase for phrase in phrases if phrase))


def _phrase(item: Mapping[str, Any]) -> str | None:
    kind, context = item["type"], item.get("ctx", {})
    if kind in _BOUNDS:
        phrase, name = _BOUNDS[kind]
        return phrase.format(_number(context[name]))
    if kind == "literal_error":
        return str(context["expected"]).replace("'", "`")
    if kind in ("too_short", "too_long"):
        bound = "at least" if kind == "too_short" else "at most"
        return f"{bound} {context.get('min_length', context.get('max_length'))} items"
    if kind in ("string_too_short", "string_too_long"):
        return f"text of {context.get('min_length', context.get('max_length'))} characters"
    if kind == "string_pattern_mismatch":
        return "a name" if context["pattern"].startswith("^[a-z0-9]") else f"text like `{context['pattern']}`"
    return _EXPECTED.get(kind)


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _literals(items: Iterable[Mapping[str, Any]]) -> list[str]:
    texts = [str(item["ctx"]["expected"]) for item in items if item["type"] == "literal_error"]
    return [first or second for text in texts for first, second in _OPTION.findall(text)]


def _look_alike(found: Node, items: list[Mapping[str, Any]]) -> tuple[str, str, str | None] | None:
    """Code, help and what to write for text where a number or boolean belongs and the text reads like one."""
    kinds = {item["type"] for item in items}
    if not isinstance(found.value, str) or not kinds & {"int_type", "float_type", "bool_type"}:
        return None
    if is_sexagesimal(found.value):
        return "FS004", "a number with colons is text; write it in one unit", None
    meant = look_alike(found.value)
    if meant is None:
        return None
    if isinstance(meant, bool):
        if "bool_type" not in kinds:
            return None
        plain = str(meant).lower()
        return "FS004", f"`{found.value}` is text; write {plain}", plain
    return "FS003", "drop the quotes" if found.quoted else "", found.value if found.quoted else None


def _help(path: Path, found: Node, literals: list[str]) -> str:
    if literals and isinstance(found.value, str):
        return did_you_mean(found.value, literals, 0.5)
    if path and path[-1] == "name":
        return _NAMES
    return _shape_help(path, found)


def _shape_help(path: Path, found: Node) -> str:
    for ending, options in ((("space",), DIMENSION_KEYS), (("source",), SOURCES.names), (("models",), MODELS.names)):
        if ending[0] in path:
            close = _close_key(found, options)
            if close:
                return f"did you mean `{close}`?"
    if "space" in path and isinstance(found.value, list):
        return "write the kind too, such as `{float: [0.01, 0.3]}`"
    if len(path) == 2 and path[0] == "models":
        close = closest(str(path[-1]), MODELS.names, 0.7)
        if close and "use" not in found.entries:
            return f"did you mean `{close}`? Else add `use: lightgbm` or another kind"
        return f"add `use: lightgbm` (or {', '.join(MODELS.names[:3])}, …)" if "use" not in found.entries else ""
    return "write it as a list, in brackets" if isinstance(found.value, str) and found.value.startswith("[") else ""


def _close_key(found: Node, options: Iterable[str]) -> str | None:
    known = list(options)
    written = [*found.entries, *(str(use.value) for use in [found.entries.get("use")] if use is not None)]
    return next((close for key in written if key not in known and (close := closest(key, known, 0.6))), None)


_SHOWN: Final[tuple[tuple[type, Callable[[Any], str]], ...]] = (
    (bool, lambda value: str(value).lower()),
    (str, lambda value: f"`{shorten(value)}`" if value else "an empty text"),
    (dict, lambda value: "a map" if value else "an empty map"),
    (list, lambda value: f"a list of {len(value)}" if value else "an empty list"),
)


def _shown(node: Node) -> str:
    for kind, show in _SHOWN:
        if isinstance(node.value, kind):
            return show(node.value)
    return str(node.value)
