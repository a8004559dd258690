"""Which plug-ins a spec was recorded with and now lacks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from runner.errors import Diagnostic, PluginError, SpecError
from runner.language.parse import Document, parse
from runner.language.project import find_root
from runner.members.registry import FAMILIES
from runner.store.folder import Store


def absent_plugins(environment: Mapping[str, Any]) -> dict[str, str]:
    """Return member name -> distribution and version of recorded plug-ins that are not installed."""
    absent = {}
    for key, recorded in (environment.get("plugins") or {}).items():
        family, _, name = key.partition(".")
        try:
            missing = family in FAMILIES and name not in FAMILIES[family]
        except PluginError:
            missing = False  # it is there, and broken
        if missing:
            absent[name] = " ".join(str(recorded).split()[:2])
    return absent


def parse_spec(path: Path, overrides: Sequence[str] = (), text: str | None = None) -> Document:
    """Return the spec at `path`, or in `text`. Raises SpecError with every problem and the plug-ins it lacks."""
    try:
        return parse(path, overrides, text=text)
    except SpecError as error:
        raise name_absent_plugins(error) from None


def name_absent_plugins(error: SpecError) -> SpecError:
    """Return the error with a hint where earlier runs of the project name the package of an unknown member."""
    absent: dict[str, str] = {}
    for file in {diagnostic.file for diagnostic in error.diagnostics if Path(diagnostic.file).is_file()}:
        store = Store(find_root(Path(file)), read_only=True)
        for folder in sorted((store.results / "runs").glob("*")):
            for run in store.runs(folder.name) if folder.is_dir() else ():
                absent |= absent_plugins(run.document("environment") or {})
    return SpecError([_with_hint(diagnostic, absent) for diagnostic in error.diagnostics])


def _with_hint(diagnostic: Diagnostic, absent: Mapping[str, str]) -> Diagnostic:
    for name, package in absent.items():
        if re.search(rf"\b{re.escape(name)}\b", f"{diagnostic.path} {diagnostic.message}"):
            return replace(diagnostic, help=f"install {package}, from which earlier runs had `{name}`")
    return diagnostic
