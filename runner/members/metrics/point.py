"""Metrics of the point forecast."""

from __future__ import annotations

from typing import Final

from runner.members.member import Member
from runner.members.metrics.section import MetricRef

_MODULE: Final = "runner.families.metrics.point"
_SHARE: Final = frozenset({"lower_is_better", "share", "cell_only"})
_AMOUNT: Final = frozenset({"lower_is_better", "cell_only"})

MAPE: Final = Member(
    "mape",
    MetricRef,
    f"{_MODULE}:mape",
    "Mean absolute percentage error; cells whose truth is 0 are left out.",
    traits=_SHARE | {"skips_zeros"},
)
SMAPE: Final = Member(
    "smape", MetricRef, f"{_MODULE}:smape", "Symmetric MAPE as in the M4 competition, from 0 to 2.", traits=_SHARE
)
WAPE: Final = Member(
    "wape", MetricRef, f"{_MODULE}:wape", "Sum of absolute errors over the sum of absolute truths.", traits=_SHARE
)
RMSE: Final = Member("rmse", MetricRef, f"{_MODULE}:rmse", "Root of the mean squared error.", traits=_AMOUNT)
MAE: Final = Member("mae", MetricRef, f"{_MODULE}:mae", "Mean absolute error.", traits=_AMOUNT)
BIAS: Final = Member(
    "bias",
    MetricRef,
    f"{_MODULE}:bias",
    "Sum of signed errors over the sum of absolute truths; the nearer to 0 the better.",
    traits=frozenset({"zero_is_best", "share", "cell_only"}),
)
DIRECTIONAL_ACCURACY: Final = Member(
    "directional_accuracy",
    MetricRef,
    f"{_MODULE}:directional_accuracy",
    "Share of cells whose change from the last known value has the right sign.",
    traits=frozenset({"higher_is_better", "share"}),
)
