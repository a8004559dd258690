from datetime import timedelta

import holidays
import numpy as np
import pandas as pd
import pytest
from feature_worlds import column, panel, tables, targets, view

from runner.errors import DataError
from runner.members.features.holidays import Holidays

US = holidays.country_holidays("US", years=range(2017, 2024))
ENDS = ("W-FRI", "W-SUN", "2W-WED", "ME", "QE-DEC", "YE-DEC")
STARTS = ("D", "h", "4h", "MS", "QS-OCT", "YS-JAN")


def days_of(times, i, freq):
    """The days of step i, one at a time."""
    if freq in ENDS:
        last, first = times[i], times[i - 1] + timedelta(days=1)
    else:
        first, last = times[i], times[i + 1] - timedelta(seconds=1)
    return {first.date() + timedelta(days=d) for d in range((last.date() - first.date()).days + 1)}


@pytest.mark.parametrize("freq", [*ENDS, *STARTS])
def test_holiday_count_equals_count_by_day(freq):
    steps = {"QE-DEC": 12, "QS-OCT": 12, "YE-DEC": 4, "YS-JAN": 4, "ME": 36, "MS": 36, "2W-WED": 70}.get(freq, 150)
    world = panel(np.arange(float(steps)), future=3, freq=freq, begin="2018-11-01")
    times = [pd.Timestamp(t).to_pydatetime() for t in world.times]
    for table in tables(view(world, horizon=2), holidays=Holidays(country="US")):
        if "holidays.count" not in table.names:
            counts = {sum(day in US for day in days_of(times, i, freq)) for i in range(1, steps)}
            assert len(counts) == 1
            continue
        expected = [sum(day in US for day in days_of(times, t, freq)) for t in targets(table)]
        assert column(table, "holidays.count").tolist() == expected


def test_holiday_distance_reaches_beyond_the_data():
    world = panel(np.arange(60.0), future=3, begin="2021-01-20")  # to 2021-03-23
    train, ahead = tables(view(world), holidays=Holidays(country="US", distance=True))
    first = [pd.Timestamp(world.times[t]) for t in targets(train)]
    since = [min((t.date() - day).days for day in US if day <= t.date()) for t in first]
    until = [min((day - t.date()).days for day in US if day >= t.date()) for t in first]
    assert column(train, "holidays.since").tolist() == since
    assert column(train, "holidays.until").tolist() == until
    assert column(ahead, "holidays.until").tolist() == [71, 70, 69]  # to Memorial Day, 2021-05-31


def test_a_business_day_counts_itself_alone():
    world = panel(np.arange(260.0), future=3, freq="B", begin="2021-01-01")
    table = tables(view(world), holidays=Holidays(country="US")).train
    expected = [float(pd.Timestamp(world.times[t]).date() in US) for t in targets(table)]
    assert column(table, "holidays.count").tolist() == expected


def test_a_subdivision_has_its_own_days():
    world = panel(np.arange(365.0), future=3, begin="2021-01-01")
    seen = view(world)
    country, state = (
        column(tables(seen, holidays=Holidays(country="DE", subdivision=part)).train, "holidays.count").sum()
        for part in (None, "BY")
    )
    assert state > country


def test_an_unknown_country_is_named():
    with pytest.raises(DataError, match=r"^features\.holidays: the `holidays` package knows no QQ"):
        tables(view(panel(np.arange(20.0), future=3)), holidays=Holidays(country="QQ"))
