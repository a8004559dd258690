"""What every feature promises. The author of a feature subclasses this with the fixtures `kind` and `arguments`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from runner.families.features.rows import Rows
from runner.families.features.sight import Column, Feature, Sight, TrainingPart
from runner.families.targets.chain import Units
from runner.members.features.registry import FEATURES
from runner.members.features.section import Features
from runner.testing.worlds import ORIGINS, changed_from, dated, some_rows, view
from runner.values.panel import Floats, Panel


class FeatureConformance:
    """`arguments` is what a spec writes below the feature's key."""

    @pytest.fixture
    def feature(self, kind: str, arguments: Any) -> Feature:
        features = Features.model_validate({"step": True, kind: arguments})
        feature: Feature = FEATURES[kind].implementation()(getattr(features, kind))
        return feature

    def columns(self, feature: Feature, of: Panel) -> tuple[list[Column], Rows]:
        """Return the columns and rows of a window of 40 steps; the target has level 0 and scale 1."""
        seen, wanted = view(of, 40), some_rows()
        origins = wanted.grid.positions
        units = Units(np.zeros(origins.shape), np.ones(origins.shape))
        sight = Sight(seen, origins, lambda: (seen.panel.y, units))
        return list(feature.columns(sight, feature.fit(TrainingPart(seen)))), wanted

    def values(self, feature: Feature, of: Panel, origin: int) -> dict[str, Floats]:
        """Return the columns of rows whose origin is not after `origin`."""
        columns, wanted = self.columns(feature, of)
        return {column.name: column.values(wanted)[wanted.origin <= origin] for column in columns}

    def test_feature_makes_columns_of_finite_or_missing_values(self, feature: Feature) -> None:
        columns, wanted = self.columns(feature, dated())
        assert columns
        for column in columns:
            values = column.values(wanted)
            assert values.shape == (len(wanted),)
            assert not np.isinf(values).any(), column.name

    @pytest.mark.parametrize("origin", ORIGINS)
    def test_feature_ignores_values_from_an_origin_on(self, kind: str, feature: Feature, origin: int) -> None:
        """Only a feature with the trait `learnt` may see the whole training part."""
        if FEATURES.has(kind, "learnt"):
            pytest.skip("it is learnt from the whole training part")
        before, after = (self.values(feature, of, origin) for of in (dated(), changed_from(dated(), origin)))
        assert before
        assert before.keys() == after.keys()
        for name, values in before.items():
            np.testing.assert_array_equal(values, after[name], name)

    def test_feature_state_holds_plain_arrays(self, feature: Feature) -> None:
        for values in feature.fit(TrainingPart(view(dated(), 40))).values():
            assert np.asarray(values).dtype != object
