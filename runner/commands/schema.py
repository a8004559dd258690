"""Generate the JSON Schemas in `schemas/` from the classes that define them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from runner.language.schema import experiment_schema
from runner.lint.document import diagnostics_schema
from runner.results.document import benchmark_schema

SCHEMAS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {
    "experiment.v1.schema.json": experiment_schema,
    "benchmark.v1.schema.json": benchmark_schema,
    "diagnostics.v1.schema.json": diagnostics_schema,
}
"""File name -> its generator."""


def schema_text(schema: Mapping[str, Any]) -> str:
    """Return a schema as text, as it is committed."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def write_schemas(folder: Path) -> list[Path]:
    """Write all schemas, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, generate in SCHEMAS.items():
        (folder / name).write_text(schema_text(generate()), encoding="utf-8")
        written.append(folder / name)
    return written
