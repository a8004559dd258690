"""CatBoost's native file -> the importance it gives its features. Imports CatBoost, so it is reached by name only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from catboost import CatBoost, CatBoostError


def catboost_values(path: Path) -> dict[int, float]:
    """Position of a feature -> mean change of the prediction. Raises ValueError for a file that is none."""
    model = CatBoost()
    try:
        model.load_model(str(path))
        values = model.get_feature_importance(type="PredictionValuesChange", thread_count=1)
    except CatBoostError as error:
        raise ValueError(str(error)) from error
    return {place: float(value) for place, value in enumerate(np.asarray(values, dtype=float))}
