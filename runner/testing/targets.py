"""What every step of `target:` promises. The author of a step subclasses this with a fixture `step`."""

from __future__ import annotations

import numpy as np
import pytest

from runner.families.features.rows import Rows
from runner.families.targets.chain import FittedTarget, Target
from runner.testing.worlds import ORIGINS, changed_from, dated, some_rows, view
from runner.values.panel import Panel


class TargetConformance:
    """`step` is the loaded step with its arguments."""

    def fitted(self, step: Target, of: Panel) -> tuple[FittedTarget, Rows]:
        wanted = some_rows()
        return step.fit(view(of, 40), wanted.grid.positions), wanted

    def test_undo_returns_what_apply_was_given(self, step: Target) -> None:
        fitted, wanted = self.fitted(step, dated())
        y = np.abs(np.random.default_rng(1).normal(50, 10, len(wanted)))
        np.testing.assert_allclose(fitted.undo(fitted.apply(y, wanted), wanted), y, rtol=1e-9)

    @pytest.mark.parametrize("origin", ORIGINS)
    def test_step_ignores_values_from_an_origin_on(self, step: Target, origin: int) -> None:
        results = []
        for of in (dated(), changed_from(dated(), origin)):
            fitted, wanted = self.fitted(step, of)
            early, ones = wanted.origin <= origin, np.ones(len(wanted))
            results.append((fitted.apply(50 * ones, wanted)[early], fitted.undo(0.5 * ones, wanted)[early]))
        for before, after in zip(*results, strict=True):
            assert before.size
            np.testing.assert_array_equal(before, after)
