"""Diagnostics -> SARIF 2.1.0, for code scanning and editors: columns from 1, counted in characters."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from runner import __version__
from runner.errors import Diagnostic, Severity, Span
from runner.lint.registry import RULES
from runner.lint.rule import Rule

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "info": "note"}
_ROOT: Final = "SRCROOT"


def sarif(diagnostics: Sequence[Diagnostic]) -> str:
    """Return one run with every broken rule and every result."""
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    driver = {
        "name": "run-spec",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(RULES[code]) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"uri": f"{Path.cwd().as_uri()}/"}},
        "results": [_result(diagnostic, codes.index(diagnostic.code)) for diagnostic in diagnostics],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    markdown = f"{rule.why}\n\nBad:\n\n```yaml\n{rule.bad}\n```\n\nGood:\n\n```yaml\n{rule.good}\n```\n"
    return {
        "id": rule.code,
        "shortDescription": {"text": f"{rule.summary}."},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why}\n\nBad:\n\n{rule.bad}\n\nGood:\n\n{rule.good}\n", "markdown": markdown},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(diagnostic: Diagnostic, index: int) -> dict[str, Any]:
    place = {"artifactLocation": _artifact(diagnostic.file), "region": _region(diagnostic.span)}
    location: dict[str, Any] = {"physicalLocation": place}
    if diagnostic.path:
        location["logicalLocations"] = [{"fullyQualifiedName": diagnostic.path}]
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": diagnostic.sentence},
        "locations": [location],
    }
    return result | ({"fixes": [_fix(diagnostic)]} if diagnostic.fix else {})


def _fix(diagnostic: Diagnostic) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}} for edit in diagnostic.fix
    ]
    changes = [{"artifactLocation": _artifact(diagnostic.file), "replacements": replacements}]
    return {"description": {"text": f"{(diagnostic.help or diagnostic.message)}."}, "artifactChanges": changes}


def _artifact(file: str) -> dict[str, Any]:
    path = Path(file)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    if path.is_absolute():
        return {"uri": f"file://{quote(path.as_posix())}"}
    return {"uri": quote(path.as_posix()), "uriBaseId": _ROOT}


def _region(span: Span) -> dict[str, int]:
    return {"startLine": span.line, "startColumn": span.col, "endLine": span.end_line, "endColumn": span.end_col}
