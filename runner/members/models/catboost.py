"""CatBoost: descriptor, section and parameter table."""

from __future__ import annotations

from typing import ClassVar, Final

from runner.members.member import Member
from runner.members.models.section import TrainedModel
from runner.members.parameters import DATA, FILES, METRIC, QUIET, ROUNDS, SAME, SEED, THREADS, ParameterTable

_PARAMETERS: Final = ParameterTable(
    "catboost",
    "catboost_parameters.json",
    owned={
        "thread_count": THREADS,
        "used_ram_limit": THREADS,
        **dict.fromkeys(
            ("iterations", "od_type", "od_wait", "od_pval", "use_best_model", "best_model_min_trees", "eval_fraction"),
            ROUNDS,
        ),
        "random_seed": SEED,
        **dict.fromkeys(("eval_metric", "custom_metric"), METRIC),
        **dict.fromkeys(("logging_level", "metric_period", "verbose", "silent"), QUIET),
        **dict.fromkeys(
            (
                "allow_writing_files",
                "train_dir",
                "name",
                "save_snapshot",
                "snapshot_file",
                "snapshot_interval",
                "final_ctr_computation_mode",
            ),
            FILES,
        ),
        **dict.fromkeys(
            (
                "cat_features",
                "text_features",
                "embedding_features",
                "ignored_features",
                "input_borders",
                "output_borders",
                "per_float_feature_quantization",
            ),
            DATA,
        ),
        **dict.fromkeys(
            ("task_type", "devices", "gpu_ram_part", "gpu_cat_features_storage", "pinned_memory_size", "device_config"),
            SAME,
        ),
    },
    values={
        "grow_policy": ("SymmetricTree", "Depthwise", "Lossguide"),
        "bootstrap_type": ("Bayesian", "Bernoulli", "MVS", "No"),
        "boosting_type": ("Ordered", "Plain"),
        "score_function": ("Cosine", "L2"),
        "leaf_estimation_method": ("Newton", "Gradient", "Exact", "Simple"),
        "nan_mode": ("Forbidden", "Min", "Max"),
        "sampling_frequency": ("PerTree", "PerTreeLevel"),
        "feature_border_type": (
            *("Median", "Uniform", "UniformAndQuantiles", "MaxLogSum", "MinEntropy", "GreedyLogSum"),
        ),
    },
    needs={},
)


class CatBoostModel(TrainedModel):
    """Gradient boosted trees over many series, origins and steps; tuned when it has a space."""

    parameters: ClassVar[ParameterTable] = _PARAMETERS


CATBOOST: Final = Member(
    "catboost",
    CatBoostModel,
    "runner.families.models.catboost:catboost",
    "Gradient boosted trees of CatBoost over all series; tuned when it has a `space`.",
    libraries=("catboost",),
    traits=frozenset({"trained", "grows"}),
)
