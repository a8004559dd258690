"""Read feature importance from CatBoost's native file. Imports CatBoost, so it is loaded by name only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from catboost import CatBoost, CatBoostError


def catboost_values(path: Path) -> dict[int, float]:
    """Return feature position -> mean change of the prediction. Raises ValueError for another file."""
    model = CatBoost()
    try:
        model.load_model(str(path))
        values = model.get_feature_importance(type="PredictionValuesChange", thread_count=1)
    except CatBoostError as error:
        raise ValueError(str(error)) from error
    return {place: float(value) for place, value in enumerate(np.asarray(values, dtype=float))}
