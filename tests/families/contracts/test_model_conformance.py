"""Every model of the project keeps the promises of the family."""

from __future__ import annotations

import pytest

from runner.members.models.registry import MODELS
from runner.testing import ModelConformance


@pytest.mark.parametrize("kind", MODELS.names)
class TestEveryModel(ModelConformance):
    """Every registered kind."""
