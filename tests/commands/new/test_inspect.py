"""A draft finds what a file means, however it is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from draft_worlds import answering, drafted, roles, weeks

from runner.commands.new.hints import take_guess
from runner.commands.new.inspect import draft
from runner.errors import DataError, UsageError


def test_draft_of_a_plain_panel_guesses_everything(tmp_path: Path) -> None:
    found = drafted(tmp_path, weeks())
    assert (found.series, found.target, found.freq, found.clock.tree) == (("shop",), "sales", "W-FRI", {"time": "date"})
    assert (found.task.seasons, found.task.horizon, found.baseline) == ((52,), 13, "seasonal_naive")
    assert roles(found) == {
        "is_holiday": "known", "temperature": "observed", "region": "static", "week_of_year": "ignore",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "source"),
    [
        ({"sep": ";", "decimal": ","}, {"csv": "shops.csv", "delimiter": ";", "decimal": ","}),
        ({"sep": "\t"}, {"csv": "shops.csv", "delimiter": "\t"}),
        ({"encoding": "utf-16"}, {"csv": "shops.csv", "encoding": "utf-16"}),
        ({"encoding": "utf-8-sig"}, {"csv": "shops.csv"}),
    ],
)
def test_sniff_detects_delimiter_decimal_and_encoding(
    tmp_path: Path, written: dict[str, str], source: dict[str, str]
) -> None:
    found = drafted(tmp_path, weeks(), **written)
    assert found.source == source
    assert (found.series, found.target) == (("shop",), "sales")


def test_sniff_reads_cp1252_text(tmp_path: Path) -> None:
    found = drafted(tmp_path, weeks().replace("north", "Süd"), encoding="cp1252")
    assert found.source["encoding"] == "cp1252"


@pytest.mark.parametrize("time_format", ["%d-%m-%Y", "%m/%d/%y", "%Y%m%d", "%d.%m.%Y", "%d %b %Y"])
def test_draft_reads_dates_in_many_formats(tmp_path: Path, time_format: str) -> None:
    found = drafted(tmp_path, weeks(), date_format=time_format)
    assert found.clock.tree == {"time": "date", "time_format": time_format}
    assert found.freq == "W-FRI"


def test_draft_prefers_the_date_format_with_even_steps(tmp_path: Path) -> None:
    table = weeks(1, 12)
    table["date"] = pd.date_range("2020-01-01", periods=12, freq="D")  # never beyond the 12th
    found = drafted(tmp_path, table, answering(horizon="1"), date_format="%d/%m/%Y")
    assert found.clock.tree["time_format"] == "%d/%m/%Y"
    assert "%m/%d/%Y" in found.clock.others


def test_draft_joins_a_date_and_an_hour(tmp_path: Path) -> None:
    times = pd.date_range("2021-03-01", periods=24 * 60, freq="h")
    load = 50 + 20 * np.sin(2 * np.pi * times.hour / 24) + 5 * (times.day_of_week >= 5)
    table = pd.DataFrame({"day": times.strftime("%Y-%m-%d"), "hr": times.hour, "load": load.round(2)})
    found = drafted(tmp_path, table)
    assert found.clock.tree == {"time": {"columns": ["day", "hr"]}, "time_format": "%Y-%m-%d %H"}
    assert (found.freq, found.series, found.task.seasons[0]) == ("h", (), 168)


def test_draft_splits_a_joined_id(tmp_path: Path) -> None:
    tables = [weeks(2, seed=item).assign(item=item) for item in (1, 2)]
    table = pd.concat(tables, ignore_index=True)
    table["unique_id"] = table["shop"].astype(str) + "_" + table["item"].astype(str)
    found = drafted(tmp_path, table)
    assert found.series == ("shop", "item")
    assert roles(found)["unique_id"] == "ignore"


def test_draft_without_dates_uses_steps(tmp_path: Path) -> None:
    table = weeks(2, 60)
    table["date"] = table.groupby("shop").cumcount()
    found = drafted(tmp_path, table.rename(columns={"date": "step"}).drop(columns="week_of_year"))
    assert found.clock.tree == {"time": {"integer": "step"}}
    assert found.freq is None


def test_draft_ignores_columns_that_leak_the_target(tmp_path: Path) -> None:
    table = weeks()
    table["cash"] = (table["sales"] * 0.3).round(3)
    table["card"] = table["sales"] - table["cash"]
    table["sales_in_cents"] = table["sales"] * 100
    found = drafted(tmp_path, table)
    assert {roles(found)[name] for name in ("cash", "card", "sales_in_cents")} == {"ignore"}
    reasons = {one.name: one.why for one in found.roles}
    assert reasons["sales_in_cents"] == "proportional to sales"


def test_column_with_future_values_is_known(tmp_path: Path) -> None:
    table = weeks(1)
    table["rota"] = np.random.default_rng(3).normal(size=len(table))
    table.loc[table.index[-13:], "sales"] = np.nan
    assert roles(drafted(tmp_path, table))["rota"] == "known"


@pytest.mark.parametrize("column", ["constant", "row", "mostly_absent", "mixed"])
def test_draft_ignores_a_useless_column(tmp_path: Path, column: str) -> None:
    table = weeks()
    n = len(table)
    table["constant"], table["row"] = 7, range(n)
    table["mostly_absent"] = np.where(np.arange(n) % 4 == 0, np.arange(n) % 7, np.nan)
    table["mixed"] = ["x" if i % 5 == 0 else str(i % 9) for i in range(n)]
    assert roles(drafted(tmp_path, table))[column] == "ignore"


def test_draft_of_a_random_walk_uses_naive(tmp_path: Path) -> None:
    dates = pd.date_range("2000-01-01", periods=240, freq="MS")
    walk = 100 + np.random.default_rng(5).normal(0.5, 1, 240).cumsum()
    found = drafted(tmp_path, pd.DataFrame({"month": dates, "index_value": walk.round(3)}))
    assert (found.freq, found.baseline, found.task.horizon) == ("MS", "naive", 12)


def test_draft_takes_answers_over_guesses(tmp_path: Path) -> None:
    found = drafted(tmp_path, weeks(), answering(target="temperature", known="sales", horizon="4"))
    assert (found.target, found.task.horizon, roles(found)["sales"]) == ("temperature", 4, "known")
    assert roles(found)["is_holiday"] == "observed"


@pytest.mark.parametrize(
    "answers",
    [{"target": "region_x"}, {"time": "region"}, {"known": "region"}, {"horizon": "0"}, {"horizon": "many"}],
)
def test_draft_with_an_invalid_answer_raises(tmp_path: Path, answers: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        drafted(tmp_path, weeks(), answering(**answers))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id," + ",".join(f"V{i}" for i in range(30)) + "\na," + ",".join("1" * 30) + "\n", "wide table"),
        ("name,size\na,1\nb,2\nc,3\n", "no column can be read as time"),
        ("date,flag\n" + "".join(f"2020-01-{d:02},{d % 2}\n" for d in range(1, 29)), "no column of numbers"),
        ("date,y\n2020-01-01,1\n2020-01-01,2\n2020-01-02,3\n2020-01-02,9\n", "several rows have the same time"),
        ("date,y\n" + "".join(f"2020-01-{d:02},{d}.5\n" for d in range(1, 5)), "too few"),
        ("date,y\n" + "".join(f"20{y}-{m:02}-{d:02},{d + m}.5\n" for y, m, d in
                              [(20, 1, 3), (20, 4, 9), (20, 5, 1), (21, 7, 30)]), "too few|no regular frequency"),
    ],
)  # fmt: skip
def test_draft_of_an_unsuitable_file_raises(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(DataError, match=words):
        draft(tmp_path / "a.csv", "a.csv", tmp_path, take_guess)


def test_draft_reads_parquet(tmp_path: Path) -> None:
    weeks().to_parquet(tmp_path / "a.parquet")
    found = draft(tmp_path / "a.parquet", "a.parquet", tmp_path, take_guess)
    assert (found.source, found.target, found.freq) == ({"parquet": "a.parquet"}, "sales", "W-FRI")
