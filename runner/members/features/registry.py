"""The family of features, in the order of the table's columns."""

from __future__ import annotations

from typing import Final

from runner.members.family import Family
from runner.members.features.calendar import CALENDAR
from runner.members.features.covariates import COVARIATES
from runner.members.features.fourier import FOURIER
from runner.members.features.holidays import HOLIDAYS
from runner.members.features.ids import IDS
from runner.members.features.lags import LAGS
from runner.members.features.profile import PROFILE
from runner.members.features.rolling import ROLLING
from runner.members.features.seasonal_lags import SEASONAL_LAGS
from runner.members.features.step import STEP

FEATURES: Final = Family(
    "features", (STEP, LAGS, SEASONAL_LAGS, ROLLING, CALENDAR, FOURIER, HOLIDAYS, COVARIATES, PROFILE, IDS)
)
