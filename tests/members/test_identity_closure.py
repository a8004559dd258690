"""The identity of a run names every module that its numbers go through."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

import runner
from runner.members.member import Member
from runner.members.registry import FAMILIES
from runner.store.identity import CORE

PACKAGE = Path(runner.__file__).parent
MEMBERS = [(family.name, member) for family in FAMILIES.values() for member in family if family.name != "engines"]
MODULES = {member.module for _, member in MEMBERS}
LIGHT = ("runner.language", "runner.files", "runner.errors", "runner.progress", "runner.lint")
"""What they decide stands in the resolved spec, which is hashed itself, or changes no number."""


def path_of(module: str) -> Path | None:
    base = PACKAGE.joinpath(*module.split(".")[1:])
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


@cache
def imports(module: str) -> frozenset[str]:
    path = path_of(module)
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))) if path else ():
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("runner"):
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return frozenset(name for name in names if name.startswith("runner.") and path_of(name))


def closure(module: str) -> set[str]:
    seen, waiting = set[str](), [module]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += imports(current)
    return seen


def in_core(module: str) -> bool:
    path = path_of(module)
    assert path is not None
    name = path.relative_to(PACKAGE).as_posix()
    return any(name == part or name.startswith(f"{part}/") for part in CORE)


@pytest.mark.parametrize(("family", "member"), MEMBERS, ids=lambda one: getattr(one, "name", one))
def test_member_load_names_an_existing_attribute(family: str, member: Member) -> None:
    assert callable(member.implementation()), family


@pytest.mark.parametrize("module", sorted(MODULES))
def test_member_imports_nothing_outside_its_identity(module: str) -> None:
    others = MODULES - {module}
    strange = {name for name in closure(module) if name in others or not (in_core(name) or name.startswith(LIGHT))}
    assert strange == set()


def test_core_imports_no_member() -> None:
    core = [
        ".".join(("runner", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        for path in PACKAGE.rglob("*.py")
    ]
    core = [module for module in core if module not in MODULES and in_core(module)]
    direct = {module: sorted(imports(module) & MODULES) for module in core}
    assert {module: names for module, names in direct.items() if names} == {}
