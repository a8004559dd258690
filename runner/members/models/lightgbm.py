"""LightGBM: descriptor, section and parameter table."""

from __future__ import annotations

from typing import ClassVar, Final

from runner.members.member import Member
from runner.members.models.section import TrainedModel
from runner.members.parameters import DATA, FILES, METRIC, QUIET, ROUNDS, SAME, SEED, THREADS, Need, ParameterTable

_LEAST_SQUARES: Final = (
    *("regression", "regression_l2", "l2", "mean_squared_error", "mse"),
    *("l2_root", "root_mean_squared_error", "rmse"),
)
_LEAST_ABSOLUTE: Final = ("regression_l1", "l1", "mean_absolute_error", "mae")
_PARAMETERS: Final = ParameterTable(
    "lightgbm",
    "lightgbm_parameters.json",
    owned={
        "num_threads": THREADS,
        "num_iterations": ROUNDS,
        "early_stopping_round": ROUNDS,
        "early_stopping_min_delta": ROUNDS,
        "first_metric_only": ROUNDS,
        **dict.fromkeys(
            (
                "seed",
                "data_random_seed",
                "bagging_seed",
                "feature_fraction_seed",
                "extra_seed",
                "drop_seed",
                "objective_seed",
            ),
            SEED,
        ),
        **dict.fromkeys(("deterministic", "force_col_wise", "force_row_wise"), SAME),
        "verbosity": QUIET,
        "metric_freq": QUIET,
        "metric": METRIC,
        **dict.fromkeys(
            (
                "data",
                "valid",
                "label_column",
                "weight_column",
                "group_column",
                "ignore_column",
                "categorical_feature",
                "header",
                "input_model",
                "forcedbins_filename",
                "forcedsplits_filename",
                "parser_config_file",
            ),
            DATA,
        ),
        **dict.fromkeys(
            (
                "output_model",
                "output_result",
                "save_binary",
                "snapshot_freq",
                "saved_feature_importance_type",
                "convert_model",
                "convert_model_language",
            ),
            FILES,
        ),
        **dict.fromkeys(("task", "config"), "run-spec trains and forecasts"),
        **dict.fromkeys(
            (
                "machines",
                "machine_list_filename",
                "num_machines",
                "local_listen_port",
                "time_out",
                "pre_partition",
                "tree_learner",
            ),
            THREADS,
        ),
        **dict.fromkeys(("device_type", "gpu_platform_id", "gpu_device_id", "gpu_use_dp", "num_gpu"), SAME),
    },
    values={
        "boosting": ("gbdt", "gbrt", "rf", "random_forest", "dart", "goss"),
        "data_sample_strategy": ("bagging", "goss"),
        "objective": (
            *_LEAST_SQUARES,
            *_LEAST_ABSOLUTE,
            *("huber", "fair", "poisson", "quantile", "mape", "mean_absolute_percentage_error", "gamma", "tweedie"),
        ),
    },
    needs={
        **dict.fromkeys(
            ("drop_rate", "max_drop", "skip_drop", "xgboost_dart_mode", "uniform_drop"), Need("boosting", ("dart",))
        ),
        # `boosting: goss` is the library's old way to ask for it
        **dict.fromkeys(("top_rate", "other_rate"), Need("data_sample_strategy", ("goss",), ("boosting", ("goss",)))),
        "alpha": Need("objective", ("huber", "quantile")),
        "fair_c": Need("objective", ("fair",)),
        "tweedie_variance_power": Need("objective", ("tweedie",)),
        "poisson_max_delta_step": Need("objective", ("poisson",)),
        # it bags every `bagging_freq` rounds, and that is 0 unless it is set; a forest always bags
        "bagging_fraction": Need("bagging_freq", (), ("boosting", ("rf", "random_forest"))),
    },
)


class LightGBMModel(TrainedModel):
    """Gradient boosted trees over many series, origins and steps; tuned when it has a space."""

    parameters: ClassVar[ParameterTable] = _PARAMETERS


LIGHTGBM: Final = Member(
    "lightgbm",
    LightGBMModel,
    "runner.families.models.lightgbm:lightgbm",
    "Gradient boosted trees of LightGBM over all series; tuned when it has a `space`.",
    libraries=("lightgbm",),
    traits=frozenset({"trained", "grows"}),
)
