"""Every step of the target keeps the promises of the family."""

from __future__ import annotations

import pytest

from runner.families.targets.chain import Target
from runner.families.targets.registry import load_target
from runner.testing import TargetConformance

STEPS = {
    "log1p": (),
    "signed_log": (),
    "base": ("seasonal_naive",),
    "level": ("mean", None),
    "scale": ("mean", None),
}


@pytest.mark.parametrize("kind", STEPS)
class TestEveryStep(TargetConformance):
    """Every registered step."""

    @pytest.fixture
    def step(self, kind: str) -> Target:
        return load_target(kind, *STEPS[kind])
