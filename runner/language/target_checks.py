"""What can be wrong with `target:`, written or searched: rules that are no base, steps in an order without sense."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from runner.errors import PluginError, did_you_mean
from runner.language.nodes import Findings, Node, Path
from runner.language.scalars import shorten
from runner.members.models.registry import MODELS
from runner.members.targets.registry import TARGETS, step_kind

_BASE_AND_LEVEL: Final = "the residual of a base has no level: that would be the level of the series itself"


def check_target(target: Node, path: Path, findings: Findings) -> None:
    """Judge a map of keys, or the list below its key `steps`."""
    steps, base, level = (target.at(key) for key in ("steps", "base", "level"))
    if steps is not None:
        check_steps(steps, (*path, "steps"), findings)
    if base is not None:
        check_base(base, (*path, "base"), findings)
    if level is not None and _is_set(base) and _is_set(level):
        findings.at_value("FS011", _BASE_AND_LEVEL, level.place, (*path, "level"), "drop `base` or `level`")


def check_steps(steps: Node, path: Path, findings: Findings) -> None:
    """Judge rules that are a base, and the order of a list of steps."""
    earlier: set[str] = set()
    for index, step in enumerate(steps.items):
        at, traits = (*path, index), _traits(step)
        if (base := step.at("base")) is not None:
            check_base(base, (*at, "base"), findings)
        if {"level", "base"} <= traits | earlier and traits & {"level", "base"}:
            findings.at_value("FS011", _BASE_AND_LEVEL, step.place, at, "drop one of the two")
        elif "pointwise" in traits and "base" in earlier:
            message = f"`{step_kind(_written(step))}` after a base would transform the residual, not the series"
            findings.at_value("FS011", message, step.place, at, "put it first")
        elif ("level" in traits and earlier & {"level", "scale"}) or ("scale" in traits and "scale" in earlier):
            message = "a list takes one level and one scale, in this order"
            findings.at_value("FS011", message, step.place, at, "drop one, or put the level first")
        earlier |= traits


def check_searched(target: Node | None, searched: Sequence[tuple[str, Path, Node]], findings: Findings) -> None:
    """Refuse searched keys (key, path, dimension) that a list would override, or that contradict each other."""
    is_searched = any(key == "steps" for key, _, _ in searched)
    for key, at, dimension in searched:
        if key != "steps" and (is_searched or (target is not None and target.at("steps") is not None)):
            lists = "whole lists of steps are searched too" if is_searched else "the target is a list of steps"
            message = f"`{shorten(key)}` cannot be searched: {lists}"
            help = "search `steps: {choice: {LABEL: [...], ...}}`, or write the target as a map"
            findings.at_key("FS409", message, dimension.place, at, help)
        if key == "steps":
            options = dimension.at("choice")
            for label, steps in (options.entries if options else {}).items():
                check_steps(steps, (*at, "choice", label), findings)
    _base_and_level(target, searched, findings)


def _base_and_level(target: Node | None, searched: Sequence[tuple[str, Path, Node]], findings: Findings) -> None:
    drawn = {key: (at, dimension) for key, at, dimension in searched if key in ("base", "level")}
    fixed = {key: target.at(key) if target else None for key in ("base", "level")}
    nodes = [drawn[key][1] if key in drawn else node for key, node in fixed.items()]
    if drawn and all(_is_set(node) for node in nodes):
        at, dimension = list(drawn.values())[-1]
        message = f"`base` and `level` can be drawn together: {_BASE_AND_LEVEL}"
        findings.at_key("FS409", message, dimension.place, at, "search `steps: {choice: {LABEL: [...], ...}}`")


def check_base(value: Node, path: Path, findings: Findings) -> None:
    """Judge the name of a rule whose forecast is subtracted from the target."""
    if isinstance(value.value, str) and value.value != "none" and not MODELS.has(value.value, "can_be_base"):
        rules = MODELS.with_trait("can_be_base")
        help = did_you_mean(value.value, rules, 0.5) or f"rules are {', '.join(rules)}"
        message = f"`{shorten(value.value)}` is no rule that can be a base"
        findings.at_value("FS011", message, value.place, path, help)


def _is_set(node: Node | None) -> bool:
    """Return whether a value, or one of a dimension's values, is a name other than `none`."""
    if node is None:
        return False
    branches, options = node.at("branch"), node.at("choice")
    if branches is not None:
        return any(label != "none" for label in branches.entries)
    values = [*options.items, *options.entries.values()] if options else [node]
    return any(isinstance(value.value, str) and value.value != "none" for value in values)


def _written(step: Node) -> object:
    return {step.value: {}} if isinstance(step.value, str) else step.plain()


def _traits(step: Node) -> frozenset[str]:
    try:
        kind = step_kind(_written(step))
        member = TARGETS.get(kind) if kind is not None else None
    except PluginError:
        return frozenset()  # the validation says what is wrong with it
    return member.traits if member else frozenset()
