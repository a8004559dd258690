"""What every step of `target:` promises. The author of a step subclasses this with a fixture `step`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from runner.families.features.rows import Rows, pattern, rows
from runner.families.targets.chain import FittedTarget, Target
from runner.members.training import Training
from runner.testing.worlds import dated, view
from runner.values.panel import Panel


class TargetConformance:
    """`step` is the loaded step with its arguments."""

    def fitted(self, step: Target, of: Panel) -> tuple[FittedTarget, Rows]:
        seen = view(of, 40)
        wanted = rows(seen, pattern(seen, Training(), seen.horizon))
        return step.fit(seen, wanted.grid.positions), wanted

    def test_undo_returns_what_apply_was_given(self, step: Target) -> None:
        fitted, wanted = self.fitted(step, dated())
        y = np.abs(np.random.default_rng(1).normal(50, 10, len(wanted)))
        np.testing.assert_allclose(fitted.undo(fitted.apply(y, wanted), wanted), y, rtol=1e-9)

    def test_fit_ignores_targets_from_the_cutoff_on(self, step: Target) -> None:
        clean = dated()
        poisoned = replace(clean, y=np.where(np.arange(clean.n_steps) >= 40, 1e9, clean.y))
        applied = []
        for of in (clean, poisoned):
            fitted, wanted = self.fitted(step, of)
            applied.append(fitted.apply(np.full(len(wanted), 50.0), wanted))
        np.testing.assert_array_equal(applied[0], applied[1])
