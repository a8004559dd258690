"""Every metric of the project keeps the promises of the family."""

from __future__ import annotations

import pytest

from runner.members.metrics.registry import METRICS
from runner.testing import MetricConformance


@pytest.mark.parametrize("kind", METRICS.names)
class TestEveryMetric(MetricConformance):
    """Every registered kind."""
