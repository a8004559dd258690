"""Every feature of the project keeps the promises of the family."""

from __future__ import annotations

from typing import Any

import pytest

from runner.members.features.registry import FEATURES
from runner.testing import FeatureConformance

ARGUMENTS: dict[str, Any] = {
    "step": True,
    "lags": (1, 7),
    "seasonal_lags": {"around": 1, "mean": True},
    "rolling": ({"stat": "mean", "window": 7}, {"stat": "std", "window": 14}),
    "calendar": ("weekday", "elapsed"),
    "holidays": {"country": "US", "distance": True},
    "covariates": True,
    "profile": ("mean", "trend", "seasonality"),
    "ids": True,
    "fourier": {"order": 2},
}


@pytest.mark.parametrize("kind", FEATURES.names)
class TestEveryFeature(FeatureConformance):
    """Every registered key."""

    @pytest.fixture
    def arguments(self, kind: str) -> Any:
        return ARGUMENTS[kind]
