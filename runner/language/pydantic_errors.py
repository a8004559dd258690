"""Errors of pydantic -> diagnostics with an address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from runner.errors import Span, closest, did_you_mean
from runner.language.key_paths import allowed_keys, homes_of
from runner.language.nodes import Findings, Node, Path
from runner.language.scalars import is_sexagesimal, look_alike, shorten
from runner.members.models.registry import MODELS
from runner.members.sources.registry import SOURCES
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
    spans = {(diagnostic.file, diagnostic.span) for diagnostic in findings.diagnostics}
    keys: list[tuple[Path, Mapping[str, Any]]] = []
    groups: dict[Path, list[Mapping[str, Any]]] = {}
    for item in error.errors(include_url=False, include_context=True):
        path = locate(item["loc"], node, item["type"])
        if item["loc"][-1:] == ("[key]",):
            keys.append((path, item))
        else:
            groups.setdefault(path, []).append(item)
    for path, _ in keys:
        place = (node.at(*path) or node).place
        findings.at_key("FS011", f"`{shorten(str(path[-1]))}` is not a name", place, path, _NAMES)
    inner = {path[:end] for path in groups for end in range(len(path))}
    for path, items in groups.items():
        if path in inner or findings.full or _is_misspelt(path, groups):
            continue
        if not _judged(path, node, spans):
            _report(path, items, node, findings)


def _is_misspelt(path: Path, groups: Mapping[Path, list[Mapping[str, Any]]]) -> bool:
    """Return whether the missing key is there, misspelt: then the spelling is the problem."""
    if groups[path][0]["type"] != "missing":
        return False
    extras = [extra for extra, items in groups.items() if items[0]["type"] == "extra_forbidden"]
    return any(closest(str(extra[-1]), [str(path[-1])], 0.75) for extra in extras[:20] if extra[:-1] == path[:-1])


def _judged(path: Path, node: Node, spans: set[tuple[str, Span]]) -> bool:
    """Return whether the value, or a section around it, has a diagnostic already."""
    parents = [parent for end in range(1, len(path) + 1) if (parent := node.at(*path[:end])) is not None]
    return any((parent.place.file, parent.place.value) in spans for parent in parents)


def locate(loc: tuple[str | int, ...], node: Node, kind: str) -> Path:
    """Return the path of a location of pydantic, without the parts that match no node (tags of unions).

    A tag may be spelt like a key (`float`), so the reading that reaches the last part wins, then the longest one.
    A missing key ends the path although there is no node for it.
    """
    parts = tuple(part for part in loc if part != "[key]")
    if kind == "missing" and parts:
        return (*_reading(parts[:-1], node)[2], parts[-1])
    return _reading(parts, node)[2]


def _reading(parts: tuple[str | int, ...], node: Node) -> tuple[bool, int, Path]:
    """Return (whether the last part matches, the number of matches, the path)."""
    if not parts:
        return False, 0, ()
    readings: list[tuple[bool, int, Path]] = []
    step = _step(parts[0], node)
    if step:
        below = node.at(*step)
        is_met, count, path = _reading(parts[1:], below) if below is not None else (False, 0, ())
        readings.append((is_met or len(parts) == 1, count + 1, (*step, *path)))
    if not step or (len(parts) > 1 and not readings[0][0]):
        readings.append(_reading(parts[1:], node))
    return max(readings, key=lambda reading: reading[:2])


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
    keys = allowed_keys(loc[:-1], node)
    close = closest(key, keys, 0.75)
    homes = homes_of(key)
    if close is None and homes:
        owner = f"`{path[-2]}`" if len(path) > 1 else "the spec"
        findings.at_key("FS012", f"`{key}` is not a key of {owner}", place, path, f"it belongs in {homes}")
        return
    close = close or closest(key, keys, 0.5)
    help = f"did you mean `{close}`?" if close else f"known are {', '.join(keys)}" if keys else ""
    findings.at_key("FS010", f"unknown key `{shorten(key)}`", place, path, help)


def _value(path: Path, items: list[Mapping[str, Any]], node: Node, findings: Findings) -> None:
    value = node.at(*path) or node
    if path == ("version",):
        message = f"version {_shown(value)} of the language is not known"
        findings.at_value("FS013", message, value.place, path, "this run-spec understands `version: 1`")
        return
    if value.value is None and path:
        message = f"`{path[-1]}` has no value, and `null` deletes only what is inherited"
        findings.at_value("FS011", message, value.place, path, "write a value, `{}` for defaults, or drop the key")
        return
    expected = _expected(items)
    literals = _literals(items)
    if expected:
        message = f"expected {' or '.join(expected)}, got {_shown(value)}"
    else:
        message = str(items[0]["msg"]).removeprefix("Value error, ")
    usual = "FS307" if items[0]["loc"][-1] == "kind" and path[0] in ("evaluation", "gates") else "FS011"
    help = _help(path, value, literals) or _reshape(expected, items[0]["loc"], value, node)
    code, help, instead = _look_alike(value, items) or (usual, help, None)
    findings.at_value(code, message, value.place, path, help, instead)


def _reshape(expected: list[str], loc: tuple[str | int, ...], value: Node, node: Node) -> str:
    """Return how to write the value in the expected shape; empty when unclear."""
    if loc == ("models",):
        return "write `models: {seasonal_naive: {}, lightgbm: {}}`"
    if expected == [_EXPECTED["dict_type"]]:
        keys = allowed_keys(loc, node)
        return f"its keys are {', '.join(keys)}" if keys else ""
    if isinstance(value.value, dict | list) or value.value == "":
        return ""
    if expected == [_EXPECTED["string_type"]]:
        return "put it in quotes"
    return f"write `[{shorten(str(value.value))}]`" if expected == [_EXPECTED["tuple_type"]] else ""


def expectation(error: ValidationError) -> str:
    """Return what a value that is validated alone should have been."""
    items = error.errors(include_url=False)
    return f"expected {' or '.join(_expected(items))}" if _expected(items) else str(items[0]["msg"])


def _expected(items: Iterable[Mapping[str, Any]]) -> list[str]:
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


def _look_alike(value: Node, items: list[Mapping[str, Any]]) -> tuple[str, str, str | None] | None:
    """Return (code, hint, replacement) for text that reads like the expected number or boolean."""
    kinds = {item["type"] for item in items}
    if not isinstance(value.value, str) or not kinds & {"int_type", "float_type", "bool_type"}:
        return None
    if is_sexagesimal(value.value):
        return "FS004", "a number with colons is text; write it in one unit", None
    scalar = look_alike(value.value)
    if scalar is None:
        return None
    if isinstance(scalar, bool):
        if "bool_type" not in kinds:
            return None
        plain = str(scalar).lower()
        return "FS004", f"`{value.value}` is text; write {plain}", plain
    return "FS003", "drop the quotes" if value.quoted else "", value.value if value.quoted else None


def _help(path: Path, value: Node, literals: list[str]) -> str:
    if literals and isinstance(value.value, str):
        return did_you_mean(value.value, literals, 0.5)
    if path and path[-1] == "name":
        return _NAMES
    return _shape_help(path, value)


def _shape_help(path: Path, value: Node) -> str:
    for ending, options in ((("space",), DIMENSION_KEYS), (("source",), SOURCES.names), (("models",), MODELS.names)):
        if ending[0] in path:
            close = _close_key(value, options)
            if close:
                return f"did you mean `{close}`?"
    if "space" in path and isinstance(value.value, list):
        return "write the kind too, such as `{float: [0.01, 0.3]}`"
    if len(path) == 2 and path[0] == "models":
        close = closest(str(path[-1]), MODELS.names, 0.7)
        if close and "use" not in value.entries:
            return f"did you mean `{close}`? Else add `use: lightgbm` or another kind"
        return f"add `use: lightgbm` (or {', '.join(MODELS.names[:3])}, …)" if "use" not in value.entries else ""
    return "write it as a list, in brackets" if isinstance(value.value, str) and value.value.startswith("[") else ""


def _close_key(value: Node, options: Iterable[str]) -> str | None:
    names = list(options)
    keys = [*value.entries, *(str(use.value) for use in [value.entries.get("use")] if use is not None)]
    return next((close for key in keys if key not in names and (close := closest(key, names, 0.6))), None)


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
