"""FS408 and FS415: values that a library does not know, and parameters that another one switches off."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from runner.errors import did_you_mean
from runner.language.inherit import is_trained, table_of
from runner.language.nodes import Node, Path
from runner.language.parse import Document
from runner.language.scalars import shorten
from runner.language.space_checks import dimensions, params_space
from runner.lint.rule import Reporter, Rule
from runner.members.parameters import Need, ParameterTable


def _with_tables(document: Document) -> Iterator[tuple[ParameterTable, Node, Path]]:
    models = document.node.at("models")
    for name, model in (models.entries if models else {}).items():
        table = table_of(name, model) if is_trained(name, model) else None
        if table is not None:
            yield table, model, ("models", name)


def _settings(model: Node, path: Path) -> Iterator[tuple[str, Path, Node]]:
    """Yield (parameter, path, node) of every fixed or searched parameter."""
    params = model.at("params")
    for name, value in (params.entries if params else {}).items():
        yield name, (*path, "params", name), value
    yield from dimensions(*params_space(model, (*path, "space")))


def _unknown_values(document: Document, report: Reporter) -> None:
    for table, model, path in _with_tables(document):
        for name, at, node in _settings(model, path):
            allowed_values = table.values.get(name)
            for value, where, place in _texts(node, at) if allowed_values else ():
                if allowed_values and value not in allowed_values:
                    help = did_you_mean(value, allowed_values, 0.5) or f"known are {', '.join(allowed_values)}"
                    tell = report.at_key if where[-2:-1] == ("branch",) else report.at_value
                    tell(f"{table.library} knows no {name} `{shorten(value)}`", place, where, help)


def _texts(node: Node, path: Path) -> Iterator[tuple[str, Path, Any]]:
    if isinstance(node.value, str):
        yield node.value, path, node.place
    choice, branch = node.at("choice"), node.at("branch")
    for index, item in enumerate(choice.items if choice else []):
        if isinstance(item.value, str):
            yield item.value, (*path, "choice", index), item.place
    for label, below in (branch.entries if branch else {}).items():
        yield label, (*path, "branch", label), below.place


def _idle(document: Document, report: Reporter) -> None:
    for table, model, path in _with_tables(document):
        settings = list(_settings(model, path))
        for name, at, node in settings:
            need = table.needs.get(name)
            if need is not None and not _is_met(need, at, settings):
                values = " or ".join(need.values) or "1 or more"
                message = f"`{name}` does nothing unless {need.parameter} is {values}"
                help = f"set `{need.parameter}: {need.values[0] if need.values else 1}`, or drop `{name}`"
                report.at_key(message, node.place, at, help)


def _is_met(need: Need, path: Path, settings: list[tuple[str, Path, Node]]) -> bool:
    if need.unless is not None and set(_given(need.unless[0], path, settings)) & set(need.unless[1]):
        return True
    if not need.values:
        return any(name == need.parameter for name, _, _ in settings)
    return any(value in need.values for value in _given(need.parameter, path, settings))


def _given(name: str, path: Path, settings: list[tuple[str, Path, Node]]) -> list[Any]:
    """Return the values a parameter can have in the branch of `path`."""
    for here, below in pairwise(path):
        if here == name and below == "branch":
            return [path[path.index("branch", path.index(here)) + 1]]
    nodes = [node for label, _, node in settings if label == name]
    return [value for node in nodes for value, _, _ in _texts(node, ())]


PARAMETER_RULES: Final = (
    Rule(
        "FS408",
        "error",
        "A value or a branch that the model does not know",
        "Every trial that draws it fails; the branch below it is never reached.",
        "models: {lightgbm: {space: {boosting: {branch: {gbdt: {}, drat: {}}}}}}",
        "models: {lightgbm: {space: {boosting: {branch: {gbdt: {}, dart: {drop_rate: {float: [0.05, 0.3]}}}}}}}",
        _unknown_values,
    ),
    Rule(
        "FS415",
        "warning",
        "A parameter that does nothing here",
        "The library takes it and ignores it, because another parameter switches it off: trials are spent on nothing.",
        "models: {lightgbm: {space: {bagging_fraction: {float: [0.5, 1.0]}}}}",
        "models: {lightgbm: {params: {bagging_freq: 1}, space: {bagging_fraction: {float: [0.5, 1.0]}}}}",
        _idle,
    ),
)
