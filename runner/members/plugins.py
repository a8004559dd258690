"""Members of other packages, found by their entry points.

An entry point of the group `run_spec.<family>` names a `Member` in a light module: `holt = "run_spec_holt.light:HOLT"`.
It is imported only for a name that the built-ins lack.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from runner.errors import PluginError
from runner.members.member import Member

PREFIX = "run_spec."
_OWN_PACKAGE = "runner"  # hashed with the core


@dataclass(frozen=True)
class Plugin:
    """A member with the distribution that brings it."""

    member: Member
    distribution: str
    version: str
    package: str  # top-level package of its light module

    def digest(self) -> str:
        """Return the sha256 of the sources of both halves, by path and content. Raises PluginError without any."""
        heavy = self.member.module.partition(".")[0]
        total = hashlib.sha256()
        for package in sorted({self.package, heavy} - {_OWN_PACKAGE}):
            sources = _sources(package)
            if not sources:
                raise PluginError(f"{self.distribution}: no sources of `{package}` to hash; hint: install it as files")
            for name, file in sources:
                total.update(f"{package}/{name}".encode() + b"\0")
                total.update(file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
        return total.hexdigest()


def _sources(package: str) -> list[tuple[str, Path]]:
    """Return the name and file of each source of a top-level module, package or namespace package."""
    spec = find_spec(package)
    if spec is None:
        return []
    if spec.submodule_search_locations is None:
        file = Path(spec.origin or "")
        return [(file.name, file)] if file.is_file() else []
    folders = [Path(location) for location in spec.submodule_search_locations]
    return sorted((file.relative_to(folder).as_posix(), file) for folder in folders for file in folder.rglob("*.py"))


@cache
def find_plugin(family: str, name: str) -> Plugin | None:
    """Return the plug-in of that name, or None. Raises PluginError when it is broken or not unique."""
    points = _points(family, name)
    if len({_origin(point) for point in points}) > 1:
        raise PluginError(
            f"{family}: two packages bring a member `{name}`: {' and '.join(sorted(map(_origin, points)))}; "
            "hint: uninstall one of them"
        )
    return _loaded(family, points[0]) if points else None


def installed_plugins(family: str, builtins: Mapping[str, Member]) -> tuple[dict[str, Plugin], tuple[str, ...]]:
    """Return the usable plug-ins of a family by name, and why the others cannot be used."""
    plugins: dict[str, Plugin] = {}
    problems: list[str] = []
    for name in sorted({point.name for point in entry_points(group=PREFIX + family)}):
        if name in builtins:
            origin = _origin(_points(family, name)[0])
            problems.append(f"{family}: the plug-in {origin} takes the name of the built-in `{name}`")
            continue
        try:
            plugin = find_plugin(family, name)
        except PluginError as error:
            problems.append(str(error))
            continue
        assert plugin is not None
        plugins[name] = plugin
    return plugins, tuple(problems)


def _points(family: str, name: str) -> list[EntryPoint]:
    return list(entry_points(group=PREFIX + family, name=name))


def _loaded(family: str, point: EntryPoint) -> Plugin:
    try:
        member = point.load()
    except Exception as error:  # code of others, which may raise anything
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise PluginError(
            f"{family}.{point.name}: the plug-in {_origin(point)} cannot be imported ({reason})"
        ) from error
    if not isinstance(member, Member) or member.name != point.name:
        raise PluginError(
            f"{family}.{point.name}: the plug-in {_origin(point)} names {point.value}, which is no Member of this name"
        )
    version = point.dist.version if point.dist else ""
    return Plugin(member, _origin(point), version, point.value.partition(":")[0].partition(".")[0])


def _origin(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.value
