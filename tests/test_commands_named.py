"""A command that a spec, a page or a message tells the user to type exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runner.cli import COMMANDS

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"(?:`|\$ |^)run-spec ([a-z]+)(?=[\s`]|$)", re.MULTILINE)
TEXTS = [
    ROOT / "README.md",
    *(ROOT / "specs").rglob("*.yaml"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "runner").rglob("*.py"),
]


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_text_names_existing_commands_only(text: Path) -> None:
    assert set(NAMED.findall(text.read_text())) <= {*COMMANDS}


def test_quickstart_commands_are_recognized() -> None:
    assert {"plan", "lint"} <= set(NAMED.findall((ROOT / "README.md").read_text()))
