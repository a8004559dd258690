"""The JSON Schema of a spec, extended by the plug-ins that are installed."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from runner.members.family import Family
from runner.members.registry import FAMILIES

_FEATURES = "features"


def add_plugins(schema: dict[str, Any]) -> None:
    """Add the sections of usable plug-ins wherever the built-ins of their family stand."""
    for family in FAMILIES.values():
        for plugin in family.plugins().values():
            own = TypeAdapter(plugin.member.spec).json_schema(ref_template="#/$defs/{model}")
            schema["$defs"] |= own.pop("$defs", {})
            if family.name == _FEATURES:
                schema["$defs"]["Features"]["properties"][plugin.member.name] = own | {
                    "description": plugin.member.about
                }
            elif plugin.member.spec.__name__ not in schema["$defs"]:
                schema["$defs"][plugin.member.spec.__name__] = own
                _extend(schema, _references(family), {"$ref": f"#/$defs/{plugin.member.spec.__name__}"})


def _references(family: Family) -> list[dict[str, str]]:
    return [{"$ref": f"#/$defs/{name}"} for name in dict.fromkeys(member.spec.__name__ for member in family)]


def _extend(node: Any, arms: list[dict[str, str]], more: dict[str, str]) -> None:
    """Add `more` to each `anyOf` that lists all of `arms`."""
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _extend(inner, arms, more)
    if isinstance(node, dict) and all(arm in node.get("anyOf", []) for arm in arms):
        node["anyOf"].append(more)
