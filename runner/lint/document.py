"""The document that `lint --format json` writes, and its schema."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from runner.errors import Diagnostic, Severity, Span

_TEXT: Final = {"type": "string"}
_PLACE: Final = {
    "line": {"type": "integer", "minimum": 1, "description": "Of the first character."},
    "col": {"type": "integer", "minimum": 1, "description": "Of the first character, counted in characters."},
    "end_line": {"type": "integer", "minimum": 1},
    "end_col": {"type": "integer", "minimum": 1, "description": "One past the last character."},
}
_COUNT: Final = {"type": "integer", "minimum": 0}


def as_json(diagnostics: Sequence[Diagnostic]) -> str:
    """Return the document that `schemas/diagnostics.v1.schema.json` describes."""
    severities = [diagnostic.severity for diagnostic in diagnostics]
    document = {
        "version": 1,
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        "notes": severities.count("info"),
        "diagnostics": [_record(diagnostic) for diagnostic in diagnostics],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def diagnostics_schema() -> dict[str, Any]:
    """Return the content of `schemas/diagnostics.v1.schema.json`."""
    edit = _map(_PLACE | {"text": _TEXT}, "A text to write in place of what stands there.")
    diagnostic = {
        "code": {"type": "string", "pattern": "^FS[0-9]{3}$", "description": "The rule; docs/rules has them all."},
        "severity": {"enum": list(get_args(Severity))},
        "message": {"type": "string", "minLength": 1},
        "help": {"type": "string", "description": "What to do; may be empty."},
        "file": {"type": "string", "description": "As it was named, or `--set KEY` for an override."},
        "path": {"type": "string", "description": "Dotted path in the spec; empty when there is none."},
        **_PLACE,
        "fix": {
            "type": "array",
            "items": {"$ref": "#/$defs/Edit"},
            "description": "Edits of that file that fix the problem; empty when there are none.",
        },
    }
    counts = {"errors": _COUNT, "warnings": _COUNT, "notes": _COUNT}
    listed = {"diagnostics": {"type": "array", "items": {"$ref": "#/$defs/Diagnostic"}}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "run-spec diagnostics, version 1",
        **_map({"version": {"const": 1}} | counts | listed, "What the linter found; lines and columns count from 1."),
        "$defs": {"Diagnostic": _map(diagnostic, "One problem with an address."), "Edit": edit},
    }


def _map(properties: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {
        "description": description,
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _record(diagnostic: Diagnostic) -> Mapping[str, Any]:
    words = {key: getattr(diagnostic, key) for key in ("code", "severity", "message", "help", "file", "path")}
    return words | _span(diagnostic.span) | {"fix": [_span(edit.span) | {"text": edit.text} for edit in diagnostic.fix]}


def _span(span: Span) -> dict[str, int]:
    return {"line": span.line, "col": span.col, "end_line": span.end_line, "end_col": span.end_col}
