"""Boosters made complete: the common `features:`, `target:` and `training:` laid under each, names canonical."""

from __future__ import annotations

from typing import Final

from runner.errors import PluginError
from runner.language.merge import is_wide, merge
from runner.language.nodes import Findings, Node, Path
from runner.members.models.registry import MODELS
from runner.members.parameters import ParameterTable

COMMON: Final = ("features", "target", "training")


def inherit(node: Node, findings: Findings) -> Node:
    """Return the tree with inherited sections filled in and parameters under the library's names."""
    models = node.entries.get("models")
    if models is None or not isinstance(models.value, dict):
        return node
    node = _with_target_map(node)
    completed = dict(models.entries)
    for name, model in models.entries.items():
        if is_trained(name, model):
            path: Path = ("models", name)
            completed[name] = _canonical(
                _complete(node, _with_target_map(model)), table_of(name, model), path, findings
            )
    return node.replaced("models", Node(completed, models.place))


def _with_target_map(node: Node) -> Node:
    """Return the node with a list of steps below `target` as the map `{steps: [...]}`."""
    target = node.entries.get("target")
    if target is None or not isinstance(target.value, list):
        return node
    return node.replaced("target", Node({"steps": target}, target.place))


def kind_of(name: str, model: Node) -> str:
    """Return the value of `use`, or the key itself."""
    use = model.entries.get("use")
    return str(use.value) if use is not None else name


def is_trained(name: str, model: Node) -> bool:
    """Return whether a model learns from feature rows."""
    try:
        return MODELS.has(kind_of(name, model), "trained")
    except PluginError:
        return False  # the validation says what is wrong with it


def table_of(name: str, model: Node) -> ParameterTable | None:
    """Return the parameter table of a trained model's library; None without one."""
    table: ParameterTable | None = MODELS[kind_of(name, model)].spec.parameters
    return table


def _complete(root: Node, model: Node) -> Node:
    if not isinstance(model.value, dict):
        return model
    for section in COMMON:
        common, own = root.entries.get(section), model.entries.get(section)
        if common is None or not isinstance(common.value, dict):
            common = Node({}, model.place)
        if own is None or own.value is None:
            inherited = common if own is None else Node({}, own.place)
            model = model.replaced(section, inherited)
        elif own.entries and ("steps" in own.entries) != ("steps" in common.entries):
            continue  # a list of target steps and a map replace each other
        else:
            model = model.replaced(section, merge(common, own, ("models", "", section)))
    return model


def _canonical(model: Node, table: ParameterTable | None, path: Path, findings: Findings) -> Node:
    if table is None:
        return model
    params, space = model.entries.get("params"), model.entries.get("space")
    if params is not None:
        model = model.replaced("params", _renamed(params, table, (*path, "params"), findings))
    if space is not None and is_wide(space) and "params" in space.entries:
        inner = _renamed_space(space.entries["params"], table, (*path, "space", "params"), findings)
        model = model.replaced("space", space.replaced("params", inner))
    elif space is not None and not is_wide(space):
        model = model.replaced("space", _renamed_space(space, table, (*path, "space"), findings))
    return model


def _renamed_space(space: Node, table: ParameterTable, path: Path, findings: Findings) -> Node:
    renamed = _renamed(space, table, path, findings)
    if not isinstance(renamed.value, dict):
        return renamed
    entries = {
        name: _renamed_branches(dimension, table, (*path, name), findings)
        for name, dimension in renamed.entries.items()
    }
    return Node(entries, renamed.place)


def _renamed_branches(dimension: Node, table: ParameterTable, path: Path, findings: Findings) -> Node:
    branches = dimension.entries.get("branch")
    if branches is None:
        return dimension
    entries = {
        label: _renamed_space(space, table, (*path, "branch", label), findings)
        for label, space in branches.entries.items()
    }
    return dimension.replaced("branch", Node(entries, branches.place)) if branches.entries else dimension


def _renamed(params: Node, table: ParameterTable, path: Path, findings: Findings) -> Node:
    if not isinstance(params.value, dict):
        return params
    entries: dict[str, Node] = {}
    written: dict[str, str] = {}
    for name, node in params.entries.items():
        canonical = table.canonical(name) or name
        if canonical in written:
            first = entries[canonical].place
            message = f"`{name}` and `{written[canonical]}` are the same parameter"
            help = f"the other stands in {first.file}:{first.line}; keep one"
            findings.at_key("FS002", message, node.place, (*path, name), help)
            continue
        entries[canonical], written[canonical] = node, name
    return Node(entries, params.place)
