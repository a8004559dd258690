"""What can be wrong with `target:`, written or searched: rules that are no base, steps in an order without sense."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from runner.errors import PluginError, did_you_mean
from runner.language.nodes import Findings, Node, Path
from runner.language.scalars import shorten
from runner.members.models.registry import MODELS
from runner.members.targets.registry import TARGETS, step_kind

_ORDER: Final = ("pointwise", "base", "level", "scale")
"""Traits of steps in the order that has a sense: what comes before is what a later step is of."""


def check_target(target: Node, path: Path, findings: Findings) -> None:
    """Judge a map of keys, or the list below its key `steps`."""
    steps, base = target.at("steps"), target.at("base")
    if steps is not None:
        check_steps(steps, (*path, "steps"), findings)
    if base is not None:
        check_base(base, (*path, "base"), findings)


def check_steps(steps: Node, path: Path, findings: Findings) -> None:
    """Judge rules that are a base, and the order of a list of steps."""
    reached, names = -1, list[str]()
    for index, step in enumerate(steps.items):
        at, name = (*path, index), step_kind(_written(step))
        if (base := step.at("base")) is not None:
            check_base(base, (*at, "base"), findings)
        place = next((rank for rank, trait in enumerate(_ORDER) if trait in _traits(step)), None)
        if name in names:
            findings.at_value("FS011", f"`{name}` is in the list already", step.place, at, "keep one")
        elif place is not None and place < reached:
            message = f"`{name}` comes too late: the order is log1p or signed_log, base, level, scale"
            findings.at_value("FS011", message, step.place, at, "move it up")
        reached = max(reached, -1 if place is None else place)
        names += [name] if name else []


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


def check_base(value: Node, path: Path, findings: Findings) -> None:
    """Judge the name of a rule whose forecast is subtracted from the target."""
    if isinstance(value.value, str) and value.value != "none" and not MODELS.has(value.value, "can_be_base"):
        rules = MODELS.with_trait("can_be_base")
        help = did_you_mean(value.value, rules, 0.5) or f"rules are {', '.join(rules)}"
        message = f"`{shorten(value.value)}` is no rule that can be a base"
        findings.at_value("FS011", message, value.place, path, help)


def _written(step: Node) -> object:
    return {step.value: {}} if isinstance(step.value, str) else step.plain()


def _traits(step: Node) -> frozenset[str]:
    try:
        kind = step_kind(_written(step))
        member = TARGETS.get(kind) if kind is not None else None
    except PluginError:
        return frozenset()  # the validation says what is wrong with it
    return member.traits if member else frozenset()
