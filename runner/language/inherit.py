"""Boosters made complete: the common `features:`, `target:` and `training:` laid under each, names canonical."""

from __future__ import annotations

from typing import Final

from runner.language.merge import is_wide, merge
from runner.language.nodes import Findings, Node, Path
from runner.language.parameters import canonical_param
from runner.language.sections.models import BOOSTER_KINDS

COMMON: Final = ("features", "target", "training")


def inherit(node: Node, findings: Findings) -> Node:
    """The tree with every booster complete and its parameters under the library's own names."""
    models = node.entries.get("models")
    if models is None or not isinstance(models.value, dict):
        return node
    completed = dict(models.entries)
    for name, model in models.entries.items():
        kind = kind_of(name, model)
        if kind in BOOSTER_KINDS:
            path: Path = ("models", name)
            completed[name] = _canonical(_complete(node, model), kind, path, findings)
    return node.replaced("models", Node(completed, models.place))


def kind_of(name: str, model: Node) -> str:
    """What `use` says, or the key itself."""
    use = model.entries.get("use")
    return str(use.value) if use is not None else name


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
        else:
            model = model.replaced(section, merge(common, own, ("models", "", section)))
    return model


def _canonical(model: Node, kind: str, path: Path, findings: Findings) -> Node:
    params, space = model.entries.get("params"), model.entries.get("space")
    if params is not None:
        model = model.replaced("params", _renamed(params, kind, (*path, "params"), findings))
    if space is not None and is_wide(space) and "params" in space.entries:
        inner = _renamed_space(space.entries["params"], kind, (*path, "space", "params"), findings)
        model = model.replaced("space", space.replaced("params", inner))
    elif space is not None and not is_wide(space):
        model = model.replaced("space", _renamed_space(space, kind, (*path, "space"), findings))
    return model


def _renamed_space(space: Node, kind: str, path: Path, findings: Findings) -> Node:
    renamed = _renamed(space, kind, path, findings)
    if not isinstance(renamed.value, dict):
        return renamed
    entries = {
        name: _renamed_branches(dimension, kind, (*path, name), findings) for name, dimension in renamed.entries.items()
    }
    return Node(entries, renamed.place)


def _renamed_branches(dimension: Node, kind: str, path: Path, findings: Findings) -> Node:
    branches = dimension.entries.get("branch")
    if branches is None:
        return dimension
    entries = {
        label: _renamed_space(space, kind, (*path, "branch", label), findings)
        for label, space in branches.entries.items()
    }
    return dimension.replaced("branch", Node(entries, branches.place)) if branches.entries else dimension


def _renamed(params: Node, kind: str, path: Path, findings: Findings) -> Node:
    if not isinstance(params.value, dict):
        return params
    entries: dict[str, Node] = {}
    written: dict[str, str] = {}
    for name, node in params.entries.items():
        canonical = canonical_param(kind, name) or name
        if canonical in written:
            first = entries[canonical].place
            message = f"`{name}` and `{written[canonical]}` are the same parameter"
            help = f"the other stands in {first.file}:{first.line}; keep one"
            findings.at_key("FS002", message, node.place, (*path, name), help)
            continue
        entries[canonical], written[canonical] = node, name
    return Node(entries, params.place)
