"""log(1 + y): a model learns growth rates, and errors of large and small series weigh alike."""

from __future__ import annotations

import numpy as np

from runner.families.features.rows import Rows
from runner.families.models import ModelError
from runner.families.targets.chain import Pointwise
from runner.values.panel import Floats, View


class Log1p(Pointwise):
    """log(1 + y)."""

    def check(self, view: View) -> None:
        """Raise ModelError for a value of -1 or less, with the series."""
        low = np.flatnonzero((view.panel.y <= -1).any(axis=1))
        if len(low):
            least = float(np.nanmin(view.panel.y[low[0]]))
            raise ModelError(
                f"target log1p: series {view.panel.label(int(low[0]))} has {least:g}, and values must be above -1;"
                " hint: `signed_log`"
            )

    def apply(self, y: Floats, rows: Rows | None = None) -> Floats:
        """Return log(1 + y). Raises ModelError for a value of -1 or less."""
        if (y <= -1).any():
            raise ModelError("target log1p: values must be above -1; hint: put it first, or `signed_log`")
        return np.log1p(y)

    def undo(self, z: Floats, rows: Rows | None = None) -> Floats:
        """Return exp(z) - 1."""
        return np.expm1(z)
