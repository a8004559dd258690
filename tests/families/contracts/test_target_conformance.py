"""Every step of the target keeps the promises of the family."""

from __future__ import annotations

import pytest

from runner.families.targets.chain import Target
from runner.members.targets.registry import TARGETS
from runner.testing import TargetConformance

ARGUMENTS = {"base": ("seasonal_naive",), "level": ("mean",), "scale": ("mean",)}


@pytest.mark.parametrize("kind", TARGETS.names)
class TestEveryStep(TargetConformance):
    """Every registered step."""

    @pytest.fixture
    def step(self, kind: str) -> Target:
        step: Target = TARGETS[kind].implementation()(*ARGUMENTS.get(kind, ()))
        return step
