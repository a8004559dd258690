"""What every feature promises. The author of a feature subclasses this with the fixtures `kind` and `arguments`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from runner.families.features.build import build
from runner.families.features.config import TableConfig
from runner.families.features.table import WindowTables
from runner.members.features.section import Features
from runner.testing.worlds import dated, view
from runner.values.panel import Panel


class FeatureConformance:
    """`arguments` is what a spec writes below the feature's key."""

    @pytest.fixture
    def features(self, kind: str, arguments: Any) -> Features:
        return Features.model_validate({"step": True, kind: arguments})

    def tables(self, features: Features, of: Panel, cutoff: int) -> WindowTables:
        return build(view(of, cutoff), TableConfig(features))

    def test_feature_makes_a_column_of_finite_or_missing_values(self, features: Features) -> None:
        made = self.tables(features, dated(), 40)
        for table in made:
            assert not np.isinf(table.x).any()

    def test_feature_ignores_targets_from_the_cutoff_on(self, features: Features) -> None:
        clean = dated()
        hidden = np.arange(clean.n_steps) >= 40
        poisoned = replace(clean, y=np.where(hidden, 1e9, clean.y))
        for table, twin in zip(self.tables(features, clean, 40), self.tables(features, poisoned, 40), strict=True):
            assert table.names == twin.names
            np.testing.assert_array_equal(table.x, twin.x)

    def test_feature_state_holds_plain_arrays(self, features: Features) -> None:
        for state in self.tables(features, dated(), 40).states.values():
            assert all(np.asarray(values).dtype != object for values in state.values())
