"""What can be wrong with parameters and search spaces, judged against the libraries' own names and types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pydantic import ValidationError

from runner.errors import closest, did_you_mean
from runner.language.inherit import is_trained, table_of
from runner.language.key_paths import keys_of
from runner.language.merge import is_wide
from runner.language.nodes import Findings, Node, Path
from runner.language.pydantic_errors import expectation
from runner.language.scalars import look_alike, shorten
from runner.language.target_checks import check_base, check_searched
from runner.language.unbuilt import UNBUILT, report_key
from runner.members.features.section import Features
from runner.members.parameters import ParameterTable
from runner.members.registry import FAMILIES
from runner.members.targets.section import TargetScaling
from runner.members.training import Training
from runner.values.section import Section, as_values
from runner.values.space import DIMENSION_KEYS

_SECTIONS: Final[dict[str, type[Section]]] = {"features": Features, "target": TargetScaling, "training": Training}
_TYPES: Final[dict[str, tuple[type, ...]]] = {"int": (int,), "float": (int, float), "bool": (bool,), "text": (str,)}
_WORDS: Final = {"int": "a whole number", "float": "a number", "bool": "true or false", "text": "text"}


def check_models(node: Node, findings: Findings) -> None:
    """Judge the parameters and the space of every booster."""
    models = node.at("models")
    for name, model in (models.entries if models else {}).items():
        if is_trained(name, model):
            table = table_of(name, model)
            _params(model, table, ("models", name, "params"), findings)
            _space(model, table, ("models", name, "space"), findings)


def dimensions(space: Node | None, path: Path) -> Iterator[tuple[str, Path, Node]]:
    """Yield (name, path, node) of every dimension of a space, those in branches after their parent."""
    for name, dimension in (space.entries if space else {}).items():
        yield name, (*path, name), dimension
        branches = dimension.at("branch")
        for label, below in (branches.entries if branches else {}).items():
            yield from dimensions(below, (*path, name, "branch", label))


def params_space(model: Node, path: Path) -> tuple[Node | None, Path]:
    """Return the part of a model's space that holds parameters, and its path."""
    space = model.at("space")
    if space is not None and is_wide(space):
        return space.at("params"), (*path, "params")
    return space, path


def _params(model: Node, table: ParameterTable | None, path: Path, findings: Findings) -> None:
    params = model.at("params")
    for name, value in (params.entries if params else {}).items():
        if not findings.full and _name(name, value, table, (*path, name), findings):
            _typed(name, value, table, (*path, name), findings)


def _name(name: str, node: Node, table: ParameterTable | None, path: Path, findings: Findings) -> bool:
    if table is None:
        return True
    canonical = table.canonical(name)
    if canonical is None:
        close = closest(name, table.names(), 0.6)
        suggestion = table.canonical(close) if close else None
        few = ", ".join(table.entries) if len(table.entries) <= 8 else f"those of the library {table.library}"
        help = f"did you mean `{suggestion}`?" if suggestion else f"names are {few}"
        findings.at_key("FS410", f"{table.library} has no parameter `{shorten(name)}`", node.place, path, help)
        return False
    reason = table.owned.get(canonical)
    if reason is not None:
        findings.at_key("FS414", f"`{name}` is set by run-spec itself", node.place, path, reason)
    return reason is None


def _typed(name: str, node: Node, table: ParameterTable | None, path: Path, findings: Findings) -> None:
    expected = table.type_of(name) if table else None
    if expected is None or node.value is None or isinstance(node.value, dict | list):
        return
    fits = isinstance(node.value, _TYPES[expected]) and (expected == "bool" or not isinstance(node.value, bool))
    if not fits:
        is_text = isinstance(node.value, str) and expected != "text"
        message = f"`{name}` is {_WORDS[expected]}, not the text `{shorten(str(node.value))}`"
        scalar = look_alike(node.value) if is_text else None
        if isinstance(scalar, _TYPES[expected]):
            findings.at_value("FS003", message, node.place, path, "drop the quotes", node.value)
        else:
            message = f"`{name}` is {_WORDS[expected]}, not `{shorten(str(node.value))}`"
            findings.at_value("FS011", message, node.place, path)


def _space(model: Node, table: ParameterTable | None, path: Path, findings: Findings) -> None:
    space, where = params_space(model, path)
    params, paths = model.at("params"), dict[str, Path]()
    for name, at, dimension in dimensions(space, where):
        if findings.full or not _name(name, dimension, table, at, findings):
            continue
        if params is not None and name in params.entries:
            line = f"{params.entries[name].place.file}:{params.entries[name].place.line}"
            findings.at_key("FS409", f"`{name}` is fixed in {line} and searched here", dimension.place, at, "drop one")
        if name in paths and at[: len(paths[name]) - 1] == paths[name][:-1]:
            findings.at_key(
                "FS409", f"`{name}` is searched outside of this branch too", dimension.place, at, "drop one"
            )
        paths.setdefault(name, at)
        _dimension(dimension, at, findings)
        _dimension_type(name, dimension, table, at, findings)
    _wide(model.at("space"), path, findings)
    searched = model.at("space", "target")
    if searched is not None and is_wide(model.entries["space"]):
        check_searched(model.at("target"), tuple(dimensions(searched, (*path, "target"))), findings)


def _wide(space: Node | None, path: Path, findings: Findings) -> None:
    if space is None or not is_wide(space):
        return
    for section, model in _SECTIONS.items():
        part = space.at(section)
        for key, at, dimension in dimensions(part, (*path, section)):
            if UNBUILT.get((section, key)) == ():
                report_key(at, dimension, findings)
                continue
            if key not in keys_of(model) and not (section in FAMILIES and key in FAMILIES[section]):
                help = did_you_mean(key, keys_of(model), 0.5) or f"known are {', '.join(keys_of(model))}"
                findings.at_key("FS010", f"`{section}` has no key `{shorten(key)}`", dimension.place, at, help)
                continue
            _dimension(dimension, at, findings)
            for where, value in _values(dimension, at):
                _section_value(model, key, value, where, findings)


def _values(dimension: Node, path: Path) -> Iterator[tuple[Path, Node]]:
    """Yield (path, node) of a dimension's values: all of a choice or branch, both ends of a range."""
    branches = dimension.at("branch")
    for label, below in (branches.entries if branches else {}).items():
        yield (*path, "branch", label), Node(label, below.place)
    for kind in ("float", "int", "choice"):
        options = dimension.at(kind)
        for index, value in enumerate(options.items if options else []):
            yield (*path, kind, index), value
        for label, value in (options.entries if options else {}).items():
            yield (*path, kind, label), value


def _section_value(model: type[Section], key: str, value: Node, path: Path, findings: Findings) -> None:
    if key == "base" and model is TargetScaling:
        check_base(value, path, findings)
    try:
        model.model_validate(as_values({key: value.plain()}))
    except ValidationError as error:
        message = f"this is no value of `{key}`: {expectation(error)}"
        findings.at_value("FS011", message, value.place, path)


def _bounds(dimension: Node, path: Path) -> tuple[float, float, Node, Path] | None:
    for kind in ("float", "int"):
        bounds = dimension.at(kind)
        values = [item.value for item in bounds.items] if bounds else []
        if bounds and len(values) == 2 and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
            return values[0], values[1], bounds, (*path, kind)
    return None


def _dimension(dimension: Node, path: Path, findings: Findings) -> None:
    inner = dimension.at("zero_or")
    if inner is not None:
        _zero_or(inner, (*path, "zero_or"), findings)
    if dimension.at("choice") is not None:
        _choice(dimension, path, findings)
    interval = _bounds(dimension, path)
    if interval is None:
        return
    low, high, bounds, at = interval
    log, step = dimension.at("log"), dimension.at("step")
    is_log = log is not None and log.value is True
    if low > high:
        findings.at_value("FS401", f"the low end {low:g} is above the high end {high:g}", bounds.place, at, "swap them")
    if is_log and low <= 0:
        help = "start above 0, or use `zero_or` when 0 is meant too"
        findings.at_value("FS402", f"a log range cannot start at {low:g}", bounds.place, at, help)
    if is_log and step is not None and step.value is not None:
        findings.at_key("FS403", "a range has `log` or `step`, not both", step.place, (*path, "step"), "drop one")


def _zero_or(inner: Node, path: Path, findings: Findings) -> None:
    interval = _bounds(inner, path)
    if interval is None and any(key in inner.entries for key in DIMENSION_KEYS):
        findings.at_value("FS011", "`zero_or` takes a float or an int range", inner.place, path)
    _dimension(inner, path, findings)
    if interval is not None and interval[0] <= 0 and inner.at("log") is None:
        message = f"the range begins at {interval[0]:g}, so zero is in it or below it"
        findings.at_value("FS011", message, interval[2].place, interval[3], "begin above 0, or drop `zero_or`")


def _choice(dimension: Node, path: Path, findings: Findings) -> None:
    choices: list[tuple[str, Any]] = []
    for where, value in _values(Node({"choice": dimension.entries["choice"]}, dimension.place), path):
        choice = (type(value.value).__name__, value.plain())
        if choice in choices:
            findings.at_value("FS011", "this choice is there already", value.place, where, "keep one")
        choices.append(choice)


def _dimension_type(name: str, dimension: Node, table: ParameterTable | None, path: Path, findings: Findings) -> None:
    expected = table.type_of(name) if table else None
    kinds = [key for key in DIMENSION_KEYS if key in dimension.entries]
    kind = kinds[0] if len(kinds) == 1 and kinds[0] in ("float", "int", "bool") else None
    inner = dimension.at("zero_or")
    if inner is not None:
        _dimension_type(name, inner, table, (*path, "zero_or"), findings)
    for where, value in _values(dimension, path) if "choice" in dimension.entries else ():
        _typed(name, value, table, where, findings)
    draws = {"int": ("int",), "float": ("float", "int"), "bool": ("bool",), "text": ()}
    if expected is not None and kind is not None and kind not in draws[expected]:
        message = f"`{name}` is {_WORDS[expected]}, and `{kind}` draws {_WORDS[kind]}"
        advice = {
            "int": "write `int`",
            "float": "write `float`",
            "bool": "write `{bool: true}`",
            "text": "write `choice`",
        }
        findings.at_key("FS011", message, dimension.entries[kind].place, (*path, kind), advice[expected])
