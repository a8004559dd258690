"""CatBoost: symmetric boosted trees. Prokhorenkova et al. (2018), NeurIPS 31.

A fit is grown by continuing the model of the chunk before, which gives the same trees as one training does, except
with the settings in `_FROM_NOTHING`: those are trained again from the first tree at each chunk.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import catboost as cb
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
from runner.values.panel import Floats, Forecast, View

MODEL: Final = "model.cbm"
FIXED: Final[Mapping[str, Any]] = {"allow_writing_files": False, "logging_level": "Silent", "allow_const_label": True}
DEFAULTS: Final[Mapping[str, Any]] = {"thread_count": 1}
NOT_PARAMETERS: Final = frozenset(
    {
        "best_model_min_trees",
        "callback",
        "cat_features",
        "devices",
        "early_stopping_rounds",
        "embedding_features",
        "input_borders",
        "iterations",
        "metric_period",
        "od_pval",
        "od_type",
        "od_wait",
        "output_borders",
        "save_snapshot",
        "silent",
        "snapshot_file",
        "snapshot_interval",
        "task_type",
        "text_features",
        "train_dir",
        "use_best_model",
        "verbose",
    }
)
"""What is decided elsewhere, or would read or write a file."""
BINNING: Final = ("border_count", "feature_border_type", "nan_mode", "per_float_feature_quantization")
"""Parameters that are fixed once a pool is quantised."""
_FROM_NOTHING: Final = frozenset({"boost_from_average", "langevin", "model_shrink_rate", "posterior_sampling"})
_SAMPLING: Final = frozenset({"bagging_temperature", "bootstrap_type", "mvs_reg", "sampling_frequency", "subsample"})
_DEFAULT_ITERATIONS: Final = 1000


@dataclass(frozen=True)
class CatBoost:
    """CatBoost with its parameters."""

    params: Mapping[str, Any]
    """As given, by the library's canonical names."""
    settings: Mapping[str, Any]
    """As passed to the library."""
    grows: bool = True
    inputs: str = "rows"

    def start(self, task: Task) -> CatBoostFit:
        """Quantize the rows (or take them from the cache) and begin with no tree."""
        tables = task.rows.tables()
        with library_errors("catboost", cb.CatBoostError, ValueError, TypeError):
            pool = _QUANTISED.get(tables.train, {key: self.settings[key] for key in BINNING if key in self.settings})
            settings = _unsampled(self.settings) if _constant(pool) else self.settings
            settings = {"learning_rate": _default_rate(settings, pool), **settings}
        return CatBoostFit(self, tables, task.view, pool, settings)


def catboost(params: Mapping[str, Any], seed: int) -> CatBoost:
    """Return the model. Raises ModelError for a parameter that is decided elsewhere or names a file.

    Categories are taken as numbers: their codes.
    """
    refused = sorted(NOT_PARAMETERS & set(params))
    if refused:
        raise ModelError(f"catboost: {', '.join(refused)} cannot be set as a parameter; the runner decides it")
    return CatBoost(dict(params), {**DEFAULTS, "random_seed": seed, **params, **FIXED})


@dataclass
class CatBoostFit:
    """CatBoost on one window."""

    model: CatBoost
    tables: WindowTables
    view: View
    pool: Any
    settings: Mapping[str, Any]
    """As passed to the library, with the learning rate that it would choose."""
    trained: Any = None
    scorer: Scorer | None = field(default=None, init=False)

    @property
    def shape(self) -> tuple[int, int]:
        """Return the numbers of rows and columns in training."""
        return learnt_shape(self.tables.train)

    @property
    def rounds(self) -> int:
        """Return rounds grown; fewer than asked for when no split was left to find."""
        return 0 if self.trained is None else int(self.trained.tree_count_)

    def grow(self, rounds: int) -> None:
        """Add so many rounds."""
        if rounds < 1:
            return
        restart = bool(_FROM_NOTHING & set(self.model.params))
        iterations = self.rounds + rounds if restart else rounds
        before = None if restart else self.trained
        with library_errors("catboost", cb.CatBoostError, ValueError, TypeError):
            self.trained = _train(self.settings, iterations, self.pool, before)
        if restart or self.scorer is None:
            self.scorer = Scorer(self.tables.ahead, self.settings)

    def forecast(self) -> Forecast:
        """Return the forecast at the present number of rounds, [N, H]; NaN before the first."""
        if self.scorer is None:
            return Forecast(np.full((self.view.panel.n_series, self.view.horizon), np.nan))
        with library_errors("catboost", cb.CatBoostError):
            predicted = self.scorer.predict(self.trained)
        return to_forecast(self.tables.ahead, predicted, self.view)

    def importance(self) -> dict[str, float]:
        """Return feature -> CatBoost's PredictionValuesChange, in percent of all."""
        names = self.tables.train.names
        values = self.trained.get_feature_importance() if self.rounds else np.zeros(len(names))
        return {name: float(value) for name, value in zip(names, values, strict=True)}

    def save(self) -> dict[str, bytes]:
        """Return `model.cbm`, `meta.json` and `state.npz`. Raises ModelError before the first round."""
        if self.trained is None:
            raise ModelError("catboost: there is no tree to save")
        with tempfile.TemporaryDirectory() as folder:  # the library writes files only
            path = Path(folder) / MODEL
            self.trained.save_model(str(path))
            model = path.read_bytes()
        return {MODEL: model, **save_learnt("catboost", self.model.params, self.rounds, self.tables)}


class Scorer:
    """Scaled predictions of one table as the model grows."""

    def __init__(self, table: FeatureTable, settings: Mapping[str, Any]) -> None:
        self._pool = cb.Pool(table.x)
        self._threads = settings.get("thread_count", 1)
        self._exponent = str(settings.get("loss_function", "")).startswith(("Poisson", "Tweedie"))
        self._sum = BlockSum(self._trees)
        self._model: Any = None

    def predict(self, model: Any) -> Floats:
        """Return scaled predictions [R] of a model that continues the previous one."""
        self._model = model
        raw = self._sum.at(int(model.tree_count_))
        return np.exp(raw) if self._exponent else raw

    def _trees(self, first: int, count: int) -> Floats:
        return plain(
            self._model.predict(
                self._pool,
                prediction_type="RawFormulaVal",
                ntree_start=first,
                ntree_end=first + count,
                thread_count=self._threads,
            )
        )


def _train(settings: Mapping[str, Any], iterations: int, pool: Any, before: Any, callbacks: Any = None) -> Any:
    model = cb.CatBoostRegressor(**settings, iterations=iterations)
    return model.fit(pool, init_model=before, callbacks=callbacks)


def _constant(pool: Any) -> bool:
    return float(np.ptp(pool.get_label())) == 0.0


def _unsampled(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without row sampling, which fails on a constant target, whose gradient is 0."""
    rest = {key: value for key, value in settings.items() if key not in _SAMPLING}
    return {**rest, "bootstrap_type": "No"}


def _default_rate(settings: Mapping[str, Any], pool: Any) -> float:
    """Return the learning rate that CatBoost chooses for its default of 1,000 iterations.

    It depends on the number of iterations, which for a chunk would be the chunk's.
    """
    if "learning_rate" in settings:
        return float(settings["learning_rate"])
    probe = _train(settings, _DEFAULT_ITERATIONS, pool, None, callbacks=[_OneRound()])
    return float(probe.get_all_params()["learning_rate"])


class _OneRound:
    """Stops training after the first tree."""

    def after_iteration(self, _info: Any) -> bool:
        return False


def _quantise(table: FeatureTable, binning: Mapping[str, Any]) -> Any:
    rows = learnable(table)
    pool = cb.Pool(rows.x, rows.y, weight=rows.weight, feature_names=list(table.names), thread_count=1)
    pool.quantize(**binning, random_seed=0)
    return pool


_QUANTISED = BinnedOnce(_quantise)


@dataclass(frozen=True)
class SavedCatBoost:
    """A model read back from its native file."""

    model: Any
    settings: Mapping[str, Any]
    learnt: Learnt

    def predict(self, table: FeatureTable) -> Floats:
        """Return predictions [R] in training units. Raises ModelError when the columns differ."""
        check_columns(table, self.learnt.features)
        return Scorer(table, self.settings).predict(self.model)

    def forecast(self, task: Task) -> Forecast:
        """Return the forecast, [N, H]."""
        return self.learnt.forecast(task, self.predict)

    def contributions(self, table: FeatureTable) -> Contributions:
        """Return TreeSHAP by CatBoost. Raises ModelError when the columns differ, and for asymmetric trees."""
        check_columns(table, self.learnt.features)
        pool, threads = cb.Pool(table.x), {"thread_count": self.settings.get("thread_count", 1)}
        with library_errors("catboost", cb.CatBoostError):
            matrix = self.model.get_feature_importance(pool, type="ShapValues", **threads)
            raw = plain(self.model.predict(pool, prediction_type="RawFormulaVal", **threads))
        return added_up(np.asarray(matrix, dtype=np.float64), Scorer(table, self.settings).predict(self.model), raw)

    def explainable(self, work: int) -> int:
        """Return how many rows may be explained for so much work; a tree's leaves bound the new ones."""
        leaves = len(self.model.get_leaf_values())
        rows = work // max(leaves, 1)
        return work if rows * max(int(self.model.tree_count_), 1) >= leaves else rows


def load(kind: str, files: Mapping[str, bytes]) -> SavedCatBoost:
    """Return the model that `save` has written. Raises ModelError when it is absent or not readable."""
    learnt = Learnt.read(files, kind)
    with library_errors("catboost", cb.CatBoostError, KeyError):
        model = cb.CatBoostRegressor().load_model(blob=files[MODEL])
    return SavedCatBoost(model, {**DEFAULTS, **learnt.params}, learnt)
