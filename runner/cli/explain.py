"""Run `run-spec explain`: every resolved value with the file and line that set it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from runner.cli import add_set_argument, echo
from runner.files.redact import redact
from runner.files.tables import text_table
from runner.language.explain import Resolved, brief, describe, explain, is_override
from runner.language.find import find_spec
from runner.language.inline_yaml import flow
from runner.language.parse import Document, parse
from runner.language.scalars import shorten

WIDEST: Final = 56
"""Width of the column of values; longer ones push their origin to the right."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of an explanation."""
    parser.add_argument("spec", type=Path, metavar="SPEC", help="a file, or the name of an experiment")
    parser.add_argument("path", nargs="?", default="", metavar="PATH", help="only this key, such as study.budget")
    add_set_argument(parser, "override a value first")
    parser.add_argument("--json", action="store_true", help="as JSON on standard output")


def run(options: argparse.Namespace) -> int:
    """Print the values and return 0. Raises SpecError and UsageError."""
    document = parse(find_spec(options.spec), tuple(options.overrides))
    values = explain(document, options.path)
    meaning = describe(document, options.path, values) if options.path else ""
    if options.json:
        echo(redact(json.dumps(_as_json(document, values, options.path, meaning), indent=2, ensure_ascii=False)))
        return 0
    if not options.path:
        values = brief(document, values)
    echo(redact("\n".join([*_lines(values), *([f"  {meaning}"] if meaning else [])])))
    return 0


def _lines(values: Sequence[Resolved]) -> list[str]:
    """Return key, value and origin in columns, with an empty line between sections."""
    rows = [(value.key, shorten(flow(value.value), 400), value.origin) for value in values]
    lines: list[str] = []
    for number, (value, line) in enumerate(zip(values, text_table(rows, widest=WIDEST), strict=True)):
        if number and value.path[0] != values[number - 1].path[0] and len(value.path) > 1:
            lines.append("")
        lines.append(line)
    return lines


def _as_json(document: Document, values: Sequence[Resolved], path: str, meaning: str) -> dict[str, Any]:
    result = {"spec": str(document.path), "values": [_value(value) for value in values]}
    return {**result, "path": path, "description": meaning} if path else result


def _value(value: Resolved) -> dict[str, Any]:
    origin = "default" if value.place is None else "override" if is_override(value.place) else "file"
    place = value.place if origin == "file" else None
    return {
        "key": value.key,
        "path": list(value.path),
        "value": value.value,
        "origin": origin,
        "file": place.file if place else None,
        "line": place.line if place else None,
    }
