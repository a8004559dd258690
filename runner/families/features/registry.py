"""The families of features: name -> (scope, where it is).

A name begins with the key under `features:` that asks for it. To add a member: a key in the language, a function
`(object of the scope, Features) -> list[Column]`, and a line here.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from runner.families.features.scopes import Column, Scope
from runner.members.features.section import Features

FAMILIES: Final[dict[str, tuple[Scope, str]]] = {
    "step": ("ahead", "runner.families.features.covariates:step"),
    "lags": ("origin", "runner.families.features.lags:lags"),
    "seasonal_lags": ("origin", "runner.families.features.lags:seasonal_lags"),
    "rolling": ("origin", "runner.families.features.lags:rolling"),
    "calendar": ("ahead", "runner.families.features.dates:calendar"),
    "holidays": ("ahead", "runner.families.features.holiday:holidays"),
    "covariates.known": ("ahead", "runner.families.features.covariates:known"),
    "covariates.observed": ("origin", "runner.families.features.covariates:observed"),
    "covariates.static": ("ahead", "runner.families.features.covariates:static"),
    "profile": ("window", "runner.families.features.profile:profile"),
    "ids": ("ahead", "runner.families.features.covariates:ids"),
}


def family(name: str) -> Callable[[Any, Features], list[Column]]:
    """The function of a family, imported when first asked for."""
    module, function = FAMILIES[name][1].split(":")
    found: Callable[[Any, Features], list[Column]] = getattr(import_module(module), function)
    return found


def asked(name: str, features: Features) -> bool:
    """Whether the spec asks for the family at all, so that nothing is imported in vain."""
    return bool(getattr(features, name.split(".")[0]))
