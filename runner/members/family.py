"""A family of members: the built-ins, and the plug-ins where it is open to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from runner.members.member import Member
from runner.members.plugins import Plugin, find_plugin, installed_plugins


@dataclass(frozen=True)
class Family:
    """Interchangeable parts, by name."""

    name: str  # the group of entry points is `run_spec.<name>`
    members: tuple[Member, ...]  # built-ins, in the order of tables and messages
    open: bool = True  # whether plug-ins can join

    @cached_property
    def builtins(self) -> dict[str, Member]:
        """The built-in members by name."""
        return {member.name: member for member in self.members}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the built-ins."""
        return tuple(self.builtins)

    def get(self, name: str) -> Member | None:
        """Return the member of that name, a built-in or a plug-in; None without one. Raises PluginError."""
        if name in self.builtins:
            return self.builtins[name]
        plugin = self.plugin(name)
        return plugin.member if plugin else None

    def __getitem__(self, name: str) -> Member:
        member = self.get(name)
        if member is None:
            raise KeyError(f"{self.name}: no member {name!r}")
        return member

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[Member]:
        return iter(self.members)

    def has(self, name: str, trait: str) -> bool:
        """Return whether there is such a member and it has the trait."""
        member = self.get(name)
        return member is not None and trait in member.traits

    def with_trait(self, trait: str) -> tuple[str, ...]:
        """Return the names of the built-ins that have the trait."""
        return tuple(member.name for member in self.members if trait in member.traits)

    def plugin(self, name: str) -> Plugin | None:
        """Return the plug-in of that name, if one is installed and no built-in has it. Raises PluginError."""
        return find_plugin(self.name, name) if self.open and name not in self.builtins else None

    def all_members(self) -> tuple[Member, ...]:
        """Return the built-ins and the usable plug-ins."""
        return (*self.members, *(plugin.member for plugin in self.plugins().values()))

    def plugins(self) -> dict[str, Plugin]:
        """Return the usable plug-ins of the family by name."""
        return self._installed()[0]

    def plugin_problems(self) -> tuple[str, ...]:
        """Return a sentence for each installed plug-in that cannot be used."""
        return self._installed()[1]

    def _installed(self) -> tuple[dict[str, Plugin], tuple[str, ...]]:
        return installed_plugins(self.name, self.builtins) if self.open else ({}, ())
