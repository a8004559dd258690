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
from runner.members.parameters import ParameterTable


def _with_tables(document: Document) -> Iterator[tuple[ParameterTable, Node, Path]]:
    models = document.node.at("models")
    for name, model in (models.entries if models else {}).items():
        table = table_of(name, model) if is_trained(name, model) else None
        if table is not None:
            yield table, model, ("models", name)


def _settings(model: Node, path: Path) -> Iterator[tuple[str, Path, Node]]:
    """(parameter, path, node) of all that is fixed or searched."""
    params = model.at("params")
    for name, value in (params.entries if params else {}).items():
        yield name, (*path, "params", name), value
    yield from dimensions(*params_space(model, (*path, "space")))


def _unknown_values(document: Document, report: Reporter) -> None:
    for table, model, path in _with_tables(document):
        for name, at, node in _settings(model, path):
            known = table.values.get(name)
            for value, where, place in _texts(node, at) if known else ():
                if known and value not in known:
                    help = did_you_mean(value, known, 0.5) or f"known are {', '.join(known)}"
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
            needed, values = table.needs.get(name, ("", ()))
            given = _given(needed, at, settings)
            if needed and not any(value in values for value in given) and not _also(name, settings, at):
                message = f"`{name}` does nothing unless {needed} is {' or '.join(values)}"
                report.at_key(message, node.place, at, f"set `{needed}: {values[0]}`, or drop `{name}`")
        _bagging(table.library, settings, report)


def _given(name: str, path: Path, settings: list[tuple[str, Path, Node]]) -> list[Any]:
    """The values that a parameter can have where `path` is: the label of the branch it is in, else all of them."""
    for here, below in pairwise(path):
        if here == name and below == "branch":
            return [path[path.index("branch", path.index(here)) + 1]]
    found = [node for other, _, node in settings if other == name]
    return [value for node in found for value, _, _ in _texts(node, ())]


def _also(name: str, settings: list[tuple[str, Path, Node]], path: Path) -> bool:
    """LightGBM's old way to ask for GOSS."""
    return name in ("top_rate", "other_rate") and "goss" in _given("boosting", path, settings)


def _bagging(library: str, settings: list[tuple[str, Path, Node]], report: Reporter) -> None:
    """LightGBM bags every `bagging_freq` rounds, and that is 0 unless it is set."""
    names = {name for name, _, _ in settings}
    found = [(at, node) for name, at, node in settings if name == "bagging_fraction"]
    if library == "lightgbm" and found and "bagging_freq" not in names and not _forests(settings):
        at, node = found[0]
        message = "`bagging_fraction` does nothing unless bagging_freq is 1 or more"
        report.at_key(message, node.place, at, "add `bagging_freq: 1` to `params`")


def _forests(settings: list[tuple[str, Path, Node]]) -> bool:
    return any(value in ("rf", "random_forest") for value in _given("boosting", (), settings))


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
