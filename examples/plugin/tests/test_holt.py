"""The conformance classes of run-spec, and one number computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from runner.families.models import build
from runner.members.metrics.registry import METRICS
from runner.members.models.registry import MODELS
from runner.testing import LightMember, MetricConformance, ModelConformance, panel, task, view


class TestHolt(ModelConformance, LightMember):
    @pytest.fixture
    def family(self):
        return MODELS

    @pytest.fixture
    def kind(self) -> str:
        return "holt"

    def test_holt_on_a_line_continues_the_line(self) -> None:
        model = build("holt", {"level": 0.9, "trend": 0.9}, 1)
        point = model.start(task(view(panel(np.arange(40.0)), horizon=3))).forecast().point
        np.testing.assert_allclose(point, [[40.0, 41.0, 42.0]], rtol=1e-6)


class TestMsle(MetricConformance, LightMember):
    @pytest.fixture
    def family(self):
        return METRICS

    @pytest.fixture
    def kind(self) -> str:
        return "msle"
