"""Names, aliases and types of the boosters' parameters, from tables that a test holds against the libraries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

_TABLES: Final = {"lightgbm": "lightgbm_parameters.json", "catboost": "catboost_parameters.json"}

_THREADS: Final = "`run.workers` sets how much runs at once, one thread each"
_ROUNDS: Final = "set `training.rounds`: boosting stops by itself on the tuned metric"
_SEED: Final = "set `study.sampler.seed`: every seed is derived from it"
_SAME: Final = "it is always on, so that the same spec gives the same numbers"
_METRIC: Final = "set `evaluation.metric`: every model is judged by the same one"
_QUIET: Final = "progress is shown by run-spec"
_DATA: Final = "set `data`: a model sees nothing but what `data` and `features` say"
_FILES: Final = "models and logs go to the run folder"

OWNED: Final[Mapping[str, Mapping[str, str]]] = {
    "lightgbm": {
        "num_threads": _THREADS,
        "num_iterations": _ROUNDS,
        "early_stopping_round": _ROUNDS,
        "early_stopping_min_delta": _ROUNDS,
        "first_metric_only": _ROUNDS,
        **dict.fromkeys(
            ("seed", "data_random_seed", "bagging_seed", "feature_fraction_seed", "extra_seed", "drop_seed",
             "objective_seed"), _SEED),
        **dict.fromkeys(("deterministic", "force_col_wise", "force_row_wise"), _SAME),
        "verbosity": _QUIET,
        "metric_freq": _QUIET,
        "metric": _METRIC,
        **dict.fromkeys(
            ("data", "valid", "label_column", "weight_column", "group_column", "ignore_column", "categorical_feature",
             "header", "input_model", "forcedbins_filename", "forcedsplits_filename", "parser_config_file",
            ), _DATA),
        **dict.fromkeys(
            ("output_model", "output_result", "save_binary", "snapshot_freq", "saved_feature_importance_type",
             "convert_model", "convert_model_language"), _FILES),
        **dict.fromkeys(("task", "config"), "run-spec trains and forecasts"),
        **dict.fromkeys(
            ("machines", "machine_list_filename", "num_machines", "local_listen_port", "time_out", "pre_partition",
             "tree_learner"), _THREADS),
        **dict.fromkeys(("device_type", "gpu_platform_id", "gpu_device_id", "gpu_use_dp", "num_gpu"), _SAME),
    },
    "catboost": {
        "thread_count": _THREADS,
        "used_ram_limit": _THREADS,
        **dict.fromkeys(
            ("iterations", "od_type", "od_wait", "od_pval", "use_best_model",
             "best_model_min_trees", "eval_fraction"), _ROUNDS),
        "random_seed": _SEED,
        **dict.fromkeys(("eval_metric", "custom_metric"), _METRIC),
        **dict.fromkeys(("logging_level", "metric_period", "verbose", "silent"), _QUIET),
        **dict.fromkeys(
            ("allow_writing_files", "train_dir", "name", "save_snapshot", "snapshot_file", "snapshot_interval",
             "final_ctr_computation_mode"), _FILES),
        **dict.fromkeys(
            ("cat_features", "text_features", "embedding_features", "ignored_features", "input_borders",
             "output_borders", "per_float_feature_quantization"), _DATA),
        **dict.fromkeys(("task_type", "devices", "gpu_ram_part", "gpu_cat_features_storage", "pinned_memory_size",
                         "device_config"), _SAME),
    },
}  # fmt: skip
"""Kind -> canonical name -> what to do instead, for parameters that run-spec sets itself."""


@cache
def table(kind: str) -> Mapping[str, Mapping[str, Any]]:
    """Canonical name -> {"aliases": [...], "type": "int" | "float" | "bool" | "text" | null}, of a booster."""
    text = files("runner.language").joinpath("tables").joinpath(_TABLES[kind]).read_text(encoding="utf-8")
    parameters: Mapping[str, Mapping[str, Any]] = json.loads(text)["parameters"]
    return parameters


@cache
def _canonical_names(kind: str) -> Mapping[str, str]:
    names = {name: name for name in table(kind)}
    return names | {alias: name for name, entry in table(kind).items() for alias in entry["aliases"]}


def canonical_param(kind: str, name: str) -> str | None:
    """The library's own name of a parameter or of an alias; None when the library knows neither."""
    return _canonical_names(kind).get(name)


def known_names(kind: str) -> tuple[str, ...]:
    """Every name and alias that a spec may write."""
    return tuple(name for name, canonical in _canonical_names(kind).items() if canonical not in OWNED[kind])


def type_of(kind: str, name: str) -> str | None:
    """`int`, `float`, `bool` or `text` of a canonical name; None when the library takes several."""
    found: str | None = table(kind).get(name, {}).get("type")
    return found
