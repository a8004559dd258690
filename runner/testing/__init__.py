"""Conformance classes for the authors of plug-ins; they need pytest.

class TestHolt(ModelConformance, LightMember):
    @pytest.fixture
    def family(self): return MODELS

    @pytest.fixture
    def kind(self): return "holt"
"""

from __future__ import annotations

from runner.testing.engines import EngineConformance
from runner.testing.features import FeatureConformance
from runner.testing.light import LightMember
from runner.testing.metrics import MetricConformance
from runner.testing.models import ModelConformance
from runner.testing.sources import SourceConformance
from runner.testing.targets import TargetConformance
from runner.testing.worlds import panel, task, view

__all__ = [
    "EngineConformance",
    "FeatureConformance",
    "LightMember",
    "MetricConformance",
    "ModelConformance",
    "SourceConformance",
    "TargetConformance",
    "panel",
    "task",
    "view",
]
