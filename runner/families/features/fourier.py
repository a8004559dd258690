"""Sines and cosines of a season.

Harvey and Shephard (1993), "Structural time series models", Handbook of Statistics 11. The phase is counted from the
first time of the training part, which travels with the model: a panel that begins elsewhere has the same waves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from runner.families.features.dates import at_target, first_time, steps_since
from runner.families.features.sight import Column, Sight, State, TrainingPart
from runner.members.features.fourier import FourierTerms


@dataclass(frozen=True)
class Fourier:
    """`fourier.52.sin.1`, `fourier.52.cos.1` and so on."""

    wanted: FourierTerms

    def fit(self, training: TrainingPart) -> State:
        """Return the first time of the grid."""
        return {"first": first_time(training.view.panel)}

    def columns(self, sight: Sight, state: State) -> list[Column]:
        """Return a sine and a cosine of each wave that the grid can show."""
        season = self.wanted.season or sight.season
        step = np.arange(len(sight.times)) + steps_since(state["first"], sight)  # [T+F]
        return [
            Column(
                f"fourier.{season:g}.{name}.{k}",
                partial(at_target, wave(2 * np.pi * k * (step % season) / season)),
                depends_on=season,
            )
            for k in range(1, min(self.wanted.order, int(season / 2)) + 1)
            for name, wave in (("sin", np.sin), ("cos", np.cos))
            if not (name == "sin" and 2 * k == season)  # 0 at every step
        ]
