"""Small specs to write, read and break."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from runner.errors import Diagnostic, SpecError
from runner.language.parse import Document, parse

SOUND = """\
version: 1
name: sound
data:
  source: {synthetic: {}}
  series: [series]
  time: time
  target: y
  freq: W-SUN
  covariates: {known: [promo], static: [kind]}
forecast: {horizon: 13}
models: {seasonal_naive: {}}
"""


def write(folder: Path, text: str | bytes, name: str = "spec.yaml") -> Path:
    """A file in a folder that is a project of its own."""
    (folder / "pyproject.toml").touch()
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def over_sound(folder: Path, fragment: str) -> Path:
    """A spec that lays a fragment over the sound one."""
    write(folder, SOUND, "base.yaml")
    head = "" if fragment.startswith("extends:") else "extends: [base.yaml]\n"
    return write(folder, head + fragment)


def read(folder: Path, fragment: str, *overrides: str, environ: Mapping[str, str] | None = None) -> Document:
    """The document of a fragment laid over the sound spec."""
    return parse(over_sound(folder, fragment), overrides, environ or {})


def problems(
    folder: Path, fragment: str, *overrides: str, environ: Mapping[str, str] | None = None
) -> tuple[Diagnostic, ...]:
    """The diagnostics of a fragment laid over the sound spec, which must have some."""
    with pytest.raises(SpecError) as caught:
        parse(over_sound(folder, fragment), overrides, environ or {})
    return caught.value.diagnostics


def only(folder: Path, fragment: str, *overrides: str) -> Diagnostic:
    """The one diagnostic of a fragment."""
    found = problems(folder, fragment, *overrides)
    assert len(found) == 1, found
    return found[0]
