from datetime import date

import numpy as np
import pandas as pd
import pytest
from feature_worlds import column, panel, tables, targets, view

from runner.errors import DataError
from runner.members.features.holidays import Holidays

PARTS = {
    "quarter": lambda t: (t.month - 1) // 3 + 1,
    "month": lambda t: t.month,
    "week": lambda t: date(t.year, t.month, t.day).isocalendar()[1],
    "day": lambda t: t.day,
    "weekday": lambda t: t.weekday(),
    "hour": lambda t: t.hour,
    "weekend": lambda t: float(t.weekday() > 4),
}


@pytest.mark.parametrize("freq", ["h", "D", "W-FRI"])
def test_calendar_parts_are_those_of_the_target_date(freq):
    world = panel(np.arange(400.0), future=40, freq=freq, begin="2019-12-06")
    for table in tables(view(world, horizon=40), calendar=tuple(PARTS)):
        times = [pd.Timestamp(world.times[t]) for t in targets(table)]
        for name in (name for name in table.names if name.startswith("calendar.")):
            assert column(table, name).tolist() == [PARTS[name.split(".")[1]](t) for t in times]


def test_absolute_date_part_needs_three_seasons():
    world = panel(np.arange(36.0), future=12, freq="MS")
    made = [tables(view(world, cutoff=c, season=12), calendar=("year", "elapsed", "month")) for c in (35, 36)]
    assert made[0].train.names == ("step", "calendar.month")
    assert [reason.split(":")[0] for reason in made[0].dropped] == ["calendar.year", "calendar.elapsed"]
    assert made[1].train.names == ("step", "calendar.year", "calendar.elapsed", "calendar.month")
    assert (column(made[1].train, "calendar.elapsed") == targets(made[1].train)).all()


@pytest.mark.parametrize(
    ("key", "features"), [("calendar", {"calendar": ("month",)}), ("holidays", {"holidays": Holidays(country="US")})]
)
def test_integer_time_is_refused_where_dates_are_needed(key, features):
    seen = view(panel(np.arange(20.0), future=3, freq=None))
    assert tables(seen, lags=(1,)).train.names == ("step", "lag.1")
    with pytest.raises(DataError, match=rf"^features\.{key}: needs dates"):
        tables(seen, **features)
