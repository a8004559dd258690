"""JSON Schema and field table of the language, made from the models."""

from __future__ import annotations

import ast
import inspect
import json
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from runner.files.tables import markdown_table
from runner.language.key_paths import annotation_of, reachable, sections, slot_of
from runner.language.plugin_schema import add_plugins
from runner.language.sections.experiment import Experiment
from runner.members.engines.registry import EngineSection
from runner.members.member import Member
from runner.members.metrics.section import MetricRef
from runner.members.registry import FAMILIES
from runner.members.slot import Slot
from runner.values.section import Section

TITLE: Final = "run-spec experiment, version 1"
_ENV: Final = {"$ref": "#/$defs/Env"}
_NULL: Final = {"type": "null"}
_SCALARS: Final = frozenset({"string", "integer", "number", "boolean"})
_KEYS: Final = ("use", "kind", "name")
"""Keys that name a member."""
_ANYWHERE: Final = ("data", "forecast")
"""Sections whose required keys may come from a base."""


@cache
def descriptions(section: type[Section]) -> dict[str, str]:
    """Return field -> the text below it in the class.

    Pydantic would read these itself, but on every import: a seventh of the time of a lint.
    """
    texts = {name: field.description for name, field in section.model_fields.items() if field.description}
    for base in reversed(section.__mro__):
        if issubclass(base, Section) and base.__name__ in (classes := _classes(base.__module__)):
            texts |= dict(_described(classes[base.__name__]))
    return texts


@cache
def _classes(module: str) -> dict[str, ast.ClassDef]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def _described(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, text in pairwise(node.body):
        match (field, text):
            case (ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words)))):
                yield name, inspect.cleandoc(words)


def experiment_schema(*, plugins: bool = False) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a spec, with shorthands, `extends` and `{env: NAME}`.

    With `plugins`, those that are installed and can be used are part of it.
    """
    schema = Experiment.model_json_schema(mode="validation")
    _hoist(schema)
    schema = _plain(schema)
    members = {name: family.members for name, family in FAMILIES.items()}
    if plugins:
        add_plugins(schema)
        members = {name: family.all_members() for name, family in FAMILIES.items()}
    describe(schema, Experiment)
    definitions: dict[str, Any] = schema["$defs"]
    for name, definition in definitions.items():
        if name != "EnvServer":
            _lenient(definition)
    _shorthand(schema, members["metrics"], "Metric", MetricRef)
    _shorthand(schema, members["engines"], "Engine", EngineSection)
    _models(schema, members["models"])
    _required(schema, members["models"])
    _lenient(schema)
    schema["properties"]["extends"] = {
        "description": "Bases, relative to this file: maps merge, lists replace, this file wins, null deletes.",
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
    }
    definitions["Env"] = {
        "description": "A value of the environment; the name must be on the list in [tool.run-spec].",
        "type": "object",
        "properties": {"env": {"type": "string"}},
        "required": ["env"],
        "additionalProperties": False,
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": TITLE}
    return head | {key: value for key, value in schema.items() if key != "title"} | {"$defs": definitions}


def _hoist(schema: dict[str, Any]) -> None:
    """Move the sections of members that pydantic writes in place to the definitions."""
    names = {section.__name__ for section in reachable(Experiment)}

    def moved(node: Any) -> Any:
        if isinstance(node, list):
            return [moved(item) for item in node]
        if not isinstance(node, dict):
            return node
        inner = {key: moved(value) for key, value in node.items()}
        if "properties" in inner and inner.get("title") in names:
            schema["$defs"][inner["title"]] = inner
            return {"$ref": f"#/$defs/{inner['title']}"}
        return inner

    schema["properties"] = moved(schema["properties"])
    for name, definition in list(schema["$defs"].items()):
        schema["$defs"][name] = {key: moved(value) for key, value in definition.items()}


def describe(schema: dict[str, Any], root: type[Section]) -> None:
    """Write the texts below the fields of `root`, and of all it is made of, into the JSON Schema made from it."""
    for section in reachable(root):
        _describe(section, schema if section is root else schema.get("$defs", {}).get(section.__name__, {}))


def _plain(node: Any) -> Any:
    """Remove titles and defaults that pydantic invents; use `anyOf` where two shapes may overlap."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    cleaned = {}
    for key, value in node.items():
        if key in ("properties", "$defs"):
            cleaned[key] = {name: _plain(inner) for name, inner in value.items()}
        elif not (key == "title" and isinstance(value, str)) and key != "discriminator":
            cleaned["anyOf" if key == "oneOf" else key] = value if key == "default" else _plain(value)
    return cleaned


def _describe(section: type[Section], definition: dict[str, Any]) -> None:
    texts = descriptions(section)
    for name, field in section.model_fields.items():
        written = definition.get("properties", {}).get(field.alias or name)
        if written is not None and name in texts:
            written["description"] = texts[name]


def _lenient(definition: dict[str, Any]) -> None:
    """Let each value also be null (deletes what is inherited) and each scalar also come from the environment."""
    for name, written in definition.get("properties", {}).items():
        text = {key: written.pop(key) for key in ("description", "default") if key in written}
        arms = written["anyOf"] if set(written) == {"anyOf"} else [dict(written)]
        extra = [_ENV] if any(arm.get("type") in _SCALARS or "const" in arm or "enum" in arm for arm in arms) else []
        extra += [] if _NULL in arms else [_NULL]
        definition["properties"][name] = text | {"anyOf": [*arms, *extra]}


def _shorthand(schema: dict[str, Any], family: Sequence[Member], title: str, base: type[Section]) -> None:
    """Write a member of the family as its name, or as one key with that member's arguments."""
    definitions = schema["$defs"]
    sections = {member.spec.__name__ for member in family}
    arguments = {name: _arguments(definitions[name]) for name in sections}
    union = [{"$ref": f"#/$defs/{name}"} for name in sections]
    for name in list(definitions):
        definitions[name] = _folded(definitions[name], union, {"$ref": f"#/$defs/{title}"})
    for name in sections:
        del definitions[name]
    definitions[title] = {
        "description": base.__doc__,
        "anyOf": [
            {"enum": [member.name for member in family]},
            {
                "type": "object",
                "properties": {member.name: arguments[member.spec.__name__] for member in family},
                "additionalProperties": False,
                "minProperties": 1,
                "maxProperties": 1,
            },
        ],
    }


def _arguments(definition: dict[str, Any]) -> dict[str, Any]:
    properties = {key: value for key, value in definition["properties"].items() if key != "kind"}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _folded(node: Any, union: list[dict[str, Any]], reference: dict[str, Any]) -> Any:
    """Return the node with `reference` in place of each `anyOf` that lists all of `union`."""
    if isinstance(node, list):
        return [_folded(item, union, reference) for item in node]
    if not isinstance(node, dict):
        return node
    folded = {key: _folded(value, union, reference) for key, value in node.items()}
    if folded in union:
        return reference
    others = [arm for arm in folded.get("anyOf", []) if arm not in (*union, reference)]
    if "anyOf" not in folded or len(others) != len(folded["anyOf"]) - len(union):
        return folded
    rest = {key: value for key, value in folded.items() if key != "anyOf"}
    return rest | ({"anyOf": [reference, *others]} if others else reference)


def _models(schema: dict[str, Any], family: Sequence[Member]) -> None:
    """Add a model per kind: its key needs no `use`, and another `use` wins over the key."""
    definitions = schema["$defs"]
    kinds = sorted({member.spec.__name__ for member in family})
    for name in kinds:
        definitions[name]["required"] = [key for key in definitions[name].get("required", []) if key != "use"]
    anything = {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in kinds] + [_NULL]}
    models = schema["properties"]["models"]
    named = {}
    for member in family:
        own = {"$ref": f"#/$defs/{member.spec.__name__}"}
        named[member.name] = {
            "description": member.about,
            "if": {"required": ["use"]},
            "then": anything,
            "else": {"anyOf": [own, _NULL]},
        }
    (pattern,) = models.pop("patternProperties")
    models["propertyNames"] = {"pattern": pattern}
    models["properties"] = named
    models["additionalProperties"] = anything


def _required(schema: dict[str, Any], family: Sequence[Member]) -> None:
    """Require keys only of a spec without bases: else they may be inherited."""
    definitions = schema["$defs"]
    below: dict[str, Any] = {}
    for name in _ANYWHERE:
        definition = definitions[schema["properties"][name]["$ref"].rpartition("/")[2]]
        below[name] = {"required": definition.pop("required")}
    below["models"] = {
        "properties": dict.fromkeys([member.name for member in family], True),
        "additionalProperties": {"required": ["use"]},
    }
    for member in family:
        own = definitions[member.spec.__name__].get("required")
        if own:
            below["models"]["properties"][member.name] = {"if": {"type": "object"}, "then": {"required": own}}
    for name in {member.spec.__name__ for member in family}:
        definitions[name].pop("required", None)
    schema["if"] = {"not": {"required": ["extends"]}}
    schema["then"] = {"required": schema.pop("required"), "properties": below}


def schema_text() -> str:
    """Return the content of `schemas/experiment.v1.schema.json`."""
    return json.dumps(experiment_schema(), indent=1, ensure_ascii=False) + "\n"


def field_table() -> str:
    """Return Markdown: every key of the language with its type, default and meaning."""
    rows: list[tuple[str, ...]] = []
    types: set[type[Section]] = set()
    for path, section in sections():
        if section in types:
            continue  # `data.join` has sources too, and a model its own features
        types.add(section)
        texts = descriptions(section)
        properties = _properties(section)
        for name, field in section.model_fields.items():
            key = ".".join((*path, field.alias or name))
            meaning = " ".join(texts.get(name, "").split())
            kind = _named(section, name, field) or _type(properties.get(field.alias or name, {}))
            rows.append((f"`{key}`", kind, _default(field.get_default(call_default_factory=True)), meaning))
    return markdown_table(("key", "type", "default", "meaning"), rows) + "\n"


def _named(section: type[Section], name: str, field: FieldInfo) -> str | None:
    """Return the names of a field's members, or the names inside its list; None for other fields."""
    slot = slot_of(annotation_of(field))
    if slot is not None and slot.normalize is not Slot.normalize:
        return slot.family.name.removesuffix("s")
    members = [
        member.name for family in FAMILIES.values() for member in family if member.spec is section and name in _KEYS
    ]
    return ", ".join(f"`{member}`" for member in members) or None


def _properties(section: type[Section]) -> dict[str, Any]:
    properties: dict[str, Any] = section.model_json_schema(mode="validation").get("properties", {})
    return properties


def _type(definition: dict[str, Any]) -> str:
    if "anyOf" in definition or "oneOf" in definition:
        arms = [_type(arm) for arm in definition.get("anyOf", definition.get("oneOf", []))]
        return " or ".join(dict.fromkeys(arm for arm in arms if arm != "null"))
    if "const" in definition:
        return f"`{definition['const']}`"
    if "enum" in definition:
        return ", ".join(f"`{value}`" for value in definition["enum"])
    names = {"object": "map", "array": "list", "integer": "integer", "number": "number", "boolean": "true or false"}
    kind = definition.get("type")
    return "map" if kind is None else names.get(kind, "text" if kind == "string" else kind)


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, Section):
        dumped = value.model_dump(mode="json")
        return f"`{dumped}`" if isinstance(dumped, str) else ""
    if value is None or value in ("", {}, ()):
        return ""
    if isinstance(value, tuple):
        return f"`[{', '.join(str(item.model_dump() if isinstance(item, Section) else item) for item in value)}]`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
