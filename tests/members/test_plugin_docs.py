"""The page on plug-ins names everything that a member can say of itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runner.members.registry import FAMILIES

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"
TRAITS = {trait: family.name for family in FAMILIES.values() for member in family for trait in member.traits}


@pytest.mark.parametrize("trait", sorted(TRAITS))
def test_plugin_page_names_every_trait(trait: str) -> None:
    rows = re.findall(rf"^\| `{trait}` \| (\w+) \|", PAGE.read_text(), re.MULTILINE)
    assert rows == [TRAITS[trait]]


def test_plugin_page_names_no_other_trait() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| \w+ \|", PAGE.read_text(), re.MULTILINE)) == {*TRAITS}
