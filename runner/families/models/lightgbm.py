"""LightGBM: gradient boosted trees grown leaf by leaf. Ke et al. (2017), NeurIPS 30.

Fixed settings make a fit a function of rows, parameters and seed. Binning does not depend on the seed, so that one
binned data set serves every trial of a study.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np

from runner.families.features.table import FeatureTable, WindowTables
from runner.families.models import ModelError
from runner.families.models.base import Contributions, Task, added_up
from runner.families.models.binned import BinnedOnce
from runner.families.models.booster_rows import (
    BlockSum,
    Learnt,
    check_columns,
    learnable,
    learnt_shape,
    library_errors,
    plain,
    save_learnt,
    to_forecast,
)
from runner.families.models.light_import import import_lightgbm
from runner.values.panel import Floats, Forecast, View

lgb = import_lightgbm()

MODEL: Final = "model.txt"
FIXED: Final[Mapping[str, Any]] = {"deterministic": True, "verbosity": -1, "feature_pre_filter": False}
DEFAULTS: Final[Mapping[str, Any]] = {"num_threads": 1, "data_random_seed": 1}
NOT_PARAMETERS: Final = frozenset(
    {
        "categorical_feature",
        "data",
        "early_stopping_min_delta",
        "early_stopping_round",
        "forcedbins_filename",
        "forcedsplits_filename",
        "group_column",
        "header",
        "ignore_column",
        "input_model",
        "label_column",
        "machines",
        "num_class",
        "num_iterations",
        "output_model",
        "pre_partition",
        "precise_float_parser",
        "snapshot_freq",
        "task",
        "two_round",
        "valid",
        "weight_column",
    }
)
"""What is decided elsewhere, or would read or write a file."""
BINNING: Final = (
    "bin_construct_sample_cnt",
    "data_random_seed",
    "enable_bundle",
    "is_enable_sparse",
    "linear_tree",
    "max_bin",
    "max_bin_by_feature",
    "min_data_in_bin",
    "use_missing",
    "zero_as_missing",
)
"""Parameters that are fixed once a data set is binned."""
_IDENTITY_OBJECTIVES: Final = frozenset(
    {"fair", "huber", "l1", "l2", "mae", "mape", "mse", "quantile", "regression", "regression_l1", "rmse"}
)
_ROUNDS_WITHOUT_SPLIT: Final = 5


@dataclass(frozen=True)
class LightGBM:
    """LightGBM with its parameters."""

    params: Mapping[str, Any]
    """As given, by the library's canonical names."""
    settings: Mapping[str, Any]
    """As passed to the library."""
    grows: bool = True
    inputs: str = "rows"

    def start(self, task: Task) -> LightGBMFit:
        """Bin the rows (or take them from the cache) and begin with no tree."""
        tables = task.rows.tables()
        with library_errors("lightgbm", lgb.basic.LightGBMError, ValueError, TypeError):
            data = _BINNED.get(tables.train, {key: self.settings[key] for key in BINNING if key in self.settings})
            booster = lgb.Booster(params=dict(self.settings), train_set=data)
        return LightGBMFit(self, tables, task.view, booster)


def lightgbm(params: Mapping[str, Any], seed: int) -> LightGBM:
    """Return the model. Raises ModelError for a parameter that is decided elsewhere or names a file."""
    refused = sorted(NOT_PARAMETERS & set(params))
    if refused:
        raise ModelError(f"lightgbm: {', '.join(refused)} cannot be set as a parameter; the runner decides it")
    layout = {} if params.get("force_row_wise") else {"force_col_wise": True}
    return LightGBM(dict(params), {**DEFAULTS, "seed": seed, **layout, **params, **FIXED})


@dataclass
class LightGBMFit:
    """LightGBM on one window."""

    model: LightGBM
    tables: WindowTables
    view: View
    booster: Any
    idle: int = 0
    """Rounds in a row that found no split."""
    scorer: Scorer = field(init=False)

    def __post_init__(self) -> None:
        self.scorer = Scorer(self.booster, self.model.settings, self.tables.ahead)

    @property
    def shape(self) -> tuple[int, int]:
        """Return the numbers of rows and columns in training."""
        return learnt_shape(self.tables.train)

    @property
    def rounds(self) -> int:
        """Return rounds grown; fewer than asked for when no split was left to find."""
        return int(self.booster.current_iteration())

    def grow(self, rounds: int) -> None:
        """Add so many rounds, or stop for good once several in a row find no split."""
        with library_errors("lightgbm", lgb.basic.LightGBMError):
            for _ in range(rounds):
                if self.idle >= _ROUNDS_WITHOUT_SPLIT:
                    return
                # One round without a split may be an unlucky sample of rows or columns.
                self.idle = self.idle + 1 if self.booster.update() else 0

    def forecast(self) -> Forecast:
        """Return the forecast at the present number of rounds, [N, H]; NaN before the first."""
        if not self.rounds:
            return Forecast(np.full((self.view.panel.n_series, self.view.horizon), np.nan))
        with library_errors("lightgbm", lgb.basic.LightGBMError):
            predicted = self.scorer.predict()
        return to_forecast(self.tables.ahead, predicted, self.view)

    def importance(self) -> dict[str, float]:
        """Return feature -> sum of the gains of its splits."""
        gains = self.booster.feature_importance(importance_type="gain")
        return {name: float(gain) for name, gain in zip(self.tables.train.names, gains, strict=True)}

    def save(self) -> dict[str, bytes]:
        """Return `model.txt`, `meta.json` and `state.npz`."""
        text: str = self.booster.model_to_string()
        return {MODEL: text.encode(), **save_learnt("lightgbm", self.model.params, self.rounds, self.tables)}


class Scorer:
    """Scaled predictions of one table as the booster grows."""

    def __init__(self, booster: Any, settings: Mapping[str, Any], table: FeatureTable) -> None:
        self._booster, self._x = booster, table.x
        self._threads = settings.get("num_threads", 1)
        self._sum = BlockSum(self._trees) if _sums(settings) else None

    def predict(self) -> Floats:
        """Return scaled predictions [R] at the present number of rounds."""
        rounds = int(self._booster.current_iteration())
        return self._trees(0, rounds) if self._sum is None else self._sum.at(rounds)

    def _trees(self, first: int, count: int) -> Floats:
        return plain(self._booster.predict(self._x, first, count, num_threads=self._threads))


def _sums(settings: Mapping[str, Any]) -> bool:
    """Return whether a prediction is the sum of its trees; not for dart, rf and poisson."""
    return (
        settings.get("boosting", "gbdt") in ("gbdt", "gbrt", "goss")
        and settings.get("objective", "regression") in _IDENTITY_OBJECTIVES
        and not settings.get("reg_sqrt", False)
    )


def _bin(table: FeatureTable, binning: Mapping[str, Any]) -> Any:
    rows = learnable(table)
    data = lgb.Dataset(
        rows.x,
        label=rows.y,
        weight=rows.weight,
        feature_name=_names(table),
        categorical_feature=list(table.categorical),
        params={**DEFAULTS, **binning, **FIXED, "force_col_wise": True},
        free_raw_data=True,
    )
    return data.construct()


_BINNED = BinnedOnce(_bin)


def _names(table: FeatureTable) -> list[str] | Literal["auto"]:
    """Return column names that the library accepts: it refuses those with JSON's characters."""
    names = [re.sub(r"[^\w.+-]", "_", name) for name in table.names]
    return names if len(set(names)) == len(names) else "auto"


@dataclass(frozen=True)
class SavedLightGBM:
    """A model read back from its native file."""

    booster: Any
    settings: Mapping[str, Any]
    learnt: Learnt

    def predict(self, table: FeatureTable) -> Floats:
        """Return predictions [R] in training units. Raises ModelError when the columns differ."""
        check_columns(table, self.learnt.features)
        return Scorer(self.booster, self.settings, table).predict()

    def forecast(self, task: Task) -> Forecast:
        """Return the forecast, [N, H]."""
        return self.learnt.forecast(task, self.predict)

    def contributions(self, table: FeatureTable) -> Contributions:
        """Return TreeSHAP by LightGBM. Raises ModelError when the columns differ, and for linear trees."""
        check_columns(table, self.learnt.features)
        threads = {"num_threads": self.settings.get("num_threads", 1)}
        with library_errors("lightgbm", lgb.basic.LightGBMError):
            x = table.x
            matrix = np.asarray(self.booster.predict(x, pred_contrib=True, **threads), dtype=np.float64)
            if self.settings.get("boosting") in ("rf", "random_forest"):  # its prediction is a mean, SHAP's a sum
                matrix = matrix / self.booster.current_iteration()
            predicted = plain(self.booster.predict(x, **threads))
            raw = plain(self.booster.predict(x, raw_score=True, **threads))
        return added_up(matrix, predicted, raw)

    def explainable(self, work: int) -> int:
        """Return how many rows may be explained for so much work: each row visits every leaf."""
        leaves = int(self.booster.num_trees()) * int(self.settings.get("num_leaves", 31))
        return work // max(leaves, 1)


def load(kind: str, files: Mapping[str, bytes]) -> SavedLightGBM:
    """Return the model that `save` has written. Raises ModelError when it is absent or not readable."""
    learnt = Learnt.read(files, kind)
    with library_errors("lightgbm", lgb.basic.LightGBMError, KeyError, ValueError):
        booster = lgb.Booster(model_str=files[MODEL].decode())
    return SavedLightGBM(booster, {**DEFAULTS, **learnt.params}, learnt)
