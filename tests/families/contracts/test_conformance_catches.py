"""The conformance classes fail members that look ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from runner.families.features.rows import Rows
from runner.families.features.sight import Column, Feature, Sight, State, Stateless, TrainingPart
from runner.families.models.naive import Baseline, Past
from runner.families.targets.chain import Shift
from runner.testing import FeatureConformance, ModelConformance, TargetConformance
from runner.testing import models as model_conformance
from runner.values.panel import Floats, Ints, View


class OwnTarget:
    """Return the target of each row, which a state carries past the origin."""

    def fit(self, training: TrainingPart) -> State:
        y = training.view.panel.y
        return {"y": np.concatenate([y, np.full((len(y), 20), np.nan)], axis=1)}

    def columns(self, sight: Sight, state: State) -> Sequence[Column]:
        return [Column("own", lambda rows: state["y"][rows.series, rows.target])]


class LaterObserved:
    """Return an observed covariate at the target date."""

    def fit(self, training: TrainingPart) -> State:
        return {"values": next(c.values for c in training.view.panel.covariates if c.role == "observed")}

    def columns(self, sight: Sight, state: State) -> Sequence[Column]:
        return [Column("later", lambda rows: state["values"][rows.series, rows.target])]


class Silent(Stateless):
    """Return no column."""

    def columns(self, sight: Sight, state: State) -> Sequence[Column]:
        return []


class Unbounded(Stateless):
    """Return infinite values."""

    def columns(self, sight: Sight, state: State) -> Sequence[Column]:
        return [Column("unbounded", lambda rows: np.full(len(rows), np.inf))]


class WholeMean:
    """Subtract the mean of the whole visible history at every origin."""

    def fit(self, view: View, origins: Ints) -> Shift:
        mean = np.nanmean(view.panel.y, axis=1, keepdims=True)
        return Shift(np.repeat(mean, origins.shape[1], axis=1))


@dataclass(frozen=True)
class AddedWholeMean:
    """Apply nothing, and add the mean of the whole visible history when undone."""

    mean: float = 0.0

    def fit(self, view: View, origins: Ints) -> AddedWholeMean:
        return AddedWholeMean(float(np.nanmean(view.panel.y)))

    def apply(self, y: Floats, rows: Rows) -> Floats:
        return y

    def undo(self, z: Floats, rows: Rows) -> Floats:
        return z + self.mean


def whole_mean(past: Past) -> tuple[Floats, None]:
    """Return the mean of the whole visible history as the path of every origin."""
    mean = np.nanmean(past.y, axis=1)  # [N]
    return np.broadcast_to(mean[None, :, None], past.targets.shape), None


@pytest.mark.parametrize("feature", [OwnTarget(), LaterObserved()])
def test_feature_conformance_fails_look_ahead(feature: Feature) -> None:
    with pytest.raises(AssertionError, match="Arrays are not equal"):
        FeatureConformance().test_feature_ignores_values_from_an_origin_on("lags", feature, 30)


def test_feature_conformance_lets_learnt_features_differ() -> None:
    with pytest.raises(pytest.skip.Exception):
        FeatureConformance().test_feature_ignores_values_from_an_origin_on("profile", OwnTarget(), 30)


@pytest.mark.parametrize("feature", [Silent(), Unbounded()])
def test_feature_conformance_fails_absent_or_infinite_columns(feature: Feature) -> None:
    with pytest.raises(AssertionError):
        FeatureConformance().test_feature_makes_columns_of_finite_or_missing_values(feature)


@pytest.mark.parametrize("step", [WholeMean(), AddedWholeMean()])
def test_target_conformance_fails_look_ahead(step: Any) -> None:
    with pytest.raises(AssertionError, match="Arrays are not equal"):
        TargetConformance().test_step_ignores_values_from_an_origin_on(step, 30)


def test_model_conformance_fails_rule_with_look_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = Baseline("whole_mean", {}, whole_mean)
    monkeypatch.setattr(model_conformance, "build", lambda _kind, _params, _seed: rule)
    with pytest.raises(AssertionError, match="Arrays are not equal"):
        ModelConformance().test_paths_ignore_values_from_an_origin_on("whole_mean", 20)
