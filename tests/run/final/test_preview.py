"""What is printed of a forecast: all its moments are written alike, whichever rows are shown."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from runner.run.forecast.predict import encode
from runner.run.forecast.preview import preview


@pytest.mark.parametrize("format", ["parquet", "csv"])
@pytest.mark.parametrize(
    ("first", "freq", "shown"),
    [
        ("2020-01-31", "MS", ["2020-02-01", "2020-03-01", "2020-04-01"]),
        ("2020-01-31", "W-SUN", ["2020-02-02", "2020-02-09", "2020-02-16"]),
        ("2020-01-31 23:00", "h", ["2020-01-31 23:00", "2020-02-01 00:00", "2020-02-01 01:00"]),
        ("2020-02-01 00:00", "8h", ["2020-02-01 00:00", "2020-02-01 08:00", "2020-02-01 16:00"]),
        ("2020-02-01 00:00", "s", ["2020-02-01 00:00:00", "2020-02-01 00:00:01", "2020-02-01 00:00:02"]),
    ],
)
def test_moments_have_one_format_a_frequency(format: str, first: str, freq: str, shown: list[str]) -> None:
    times = pd.date_range(first, periods=30, freq=freq).to_numpy().astype("datetime64[s]")
    table = pa.table({"id": ["a"] * 30, "time": pa.array(times), "forecast": [1.5] * 30})
    lines = preview(encode(table, format), format, 3)
    assert lines[1:] == [*(f"a   {moment}       1.5" for moment in shown), "... and 27 more rows"]


def test_integer_time_is_written_as_it_is() -> None:
    table = pa.table({"id": ["a"], "time": [7], "forecast": [None]})
    assert preview(encode(table, "parquet"), "parquet", 3)[1].split() == ["a", "7", "-"]
