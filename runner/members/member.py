"""The descriptor of a member: all that lint, the schema, the plan and the README read of it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Member:
    """One model, feature, target, metric, source, engine, sampler or pruner."""

    name: str  # the key in YAML
    spec: Any  # pydantic section, or the type of the key's value
    load: str  # "module:name" of the heavy half
    about: str  # one sentence for editors and tables
    libraries: tuple[str, ...] = ()  # distributions it needs beyond the core's
    traits: frozenset[str] = frozenset()  # what the rest may ask
    default: Any = None  # value of the key when it is absent

    @property
    def module(self) -> str:
        """Module of the heavy half."""
        return self.load.partition(":")[0]

    def implementation(self) -> Any:
        """Import the heavy half and return it."""
        module, _, name = self.load.partition(":")
        return getattr(import_module(module), name)
