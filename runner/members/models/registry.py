"""Models: light halves and the slot of a spec's `models:`."""

from __future__ import annotations

from typing import Annotated, Final

from runner.members.family import Family
from runner.members.models.baselines import DRIFT, MOVING_AVERAGE, NAIVE, SEASONAL_GROWTH, SEASONAL_NAIVE, ZERO
from runner.members.models.blend import BLEND
from runner.members.models.catboost import CATBOOST
from runner.members.models.lightgbm import LIGHTGBM
from runner.members.models.linear import LINEAR
from runner.members.models.section import ModelSection
from runner.members.slot import Slot

MODELS: Final = Family(
    "models",
    (NAIVE, SEASONAL_NAIVE, SEASONAL_GROWTH, DRIFT, MOVING_AVERAGE, ZERO, LIGHTGBM, CATBOOST, LINEAR, BLEND),
)


Model = Annotated[ModelSection, Slot(MODELS, "use", refusal=f"`use` must be one of {', '.join(MODELS.names)}")]
