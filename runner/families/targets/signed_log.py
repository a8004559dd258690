"""sign(y) log(1 + |y|): log1p for targets that may be negative (John and Draper 1980, the modulus transform)."""

from __future__ import annotations

import numpy as np

from runner.families.features.rows import Rows
from runner.families.targets.chain import Pointwise
from runner.values.panel import Floats


class SignedLog(Pointwise):
    """sign(y) log(1 + |y|)."""

    def apply(self, y: Floats, rows: Rows | None = None) -> Floats:
        """Return sign(y) log(1 + |y|)."""
        return np.sign(y) * np.log1p(np.abs(y))

    def undo(self, z: Floats, rows: Rows | None = None) -> Floats:
        """Return sign(z) (exp(|z|) - 1)."""
        return np.sign(z) * np.expm1(np.abs(z))
