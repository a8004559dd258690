"""The steps of the target: name -> where it is; and the map of the language as a list of steps."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from runner.families.targets.chain import Target
from runner.members.targets.section import TargetScaling

TARGETS: Final[Mapping[str, str]] = {
    "log1p": "runner.families.targets.log1p:Log1p",
    "signed_log": "runner.families.targets.signed_log:SignedLog",
    "base": "runner.families.targets.base:Base",
    "level": "runner.families.targets.level:Level",
    "scale": "runner.families.targets.scale:Scale",
}


def load_target(name: str, *arguments: Any) -> Target:
    """Return the step, its module imported when first asked for."""
    module, _, attribute = TARGETS[name].partition(":")
    step: Target = getattr(import_module(module), attribute)(*arguments)
    return step


def steps_of(section: TargetScaling) -> tuple[Target, ...]:
    """Return the steps of the map, in the order transform, base, level, scale."""
    steps = []
    if section.transform != "none":
        steps.append(load_target(section.transform))
    if section.base != "none":
        steps.append(load_target("base", section.base))
    if section.level != "none":
        steps.append(load_target("level", section.level, section.window))
    if section.scale != "none":
        steps.append(load_target("scale", section.scale, section.window))
    return tuple(steps)
