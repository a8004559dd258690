"""What a user is told about data that is wrong: one line with the file, the line, the value and the mend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from load_worlds import TIDY, panel

from runner.errors import DataError

HEADER = "shop,date,sales,promo,region\n"
MISTAKES: dict[str, tuple[str | bytes, str]] = {
    "bad number": (
        TIDY.replace("20.5", "2O.5"),
        'a.csv:5: column sales: "2O.5" is not a number; write it plainly, or leave it empty when it is missing',
    ),
    "thousands marks": (
        TIDY.replace("20.5", '"1,204"'),
        'a.csv:5: column sales: "1,204" is not a number; remove the thousands marks, or set data.source.decimal to ","',
    ),
    "beyond a float": (
        TIDY.replace("20.5", "1e400"),
        'a.csv:5: column sales: "1e400" is beyond the numbers of a float',
    ),
    "the word inf": (
        TIDY.replace("20.5", "inf"),
        'a.csv:5: column sales: "inf" is not a number; write it plainly, or leave it empty when it is missing',
    ),
    "one text among numbers": (
        TIDY.replace("20.5,1,S", "20.5,yes,S"),
        'a.csv:5: column promo: "yes" is text, but 4 of 5 values are numbers; correct it, or list '
        "the column under data.covariates.ignore",
    ),
    "wrong delimiter": (
        TIDY.replace(",", ";"),
        "a.csv:1: the header is one column, \"shop;date;sales;promo;region\"; set data.source.delimiter to ';'",
    ),
    "too many fields": (
        TIDY.replace("20.5,1,S", "20.5,1,S,x"),
        "a.csv:5: 6 fields where the header has 5; quote a field that holds the delimiter",
    ),
    "too few fields": (
        TIDY.replace("20.5,1,S", "20.5"),
        "a.csv:5: 3 fields where the header has 5; quote a field that holds the delimiter",
    ),
    "open quotation mark": (
        TIDY.replace("20.5", '"20.5'),
        "a.csv: a quotation mark is opened and never closed; double or remove it",
    ),
    "column twice": (
        TIDY.replace("region\n", "promo\n"),
        'a.csv:1: the column "promo" stands there twice; rename one of them',
    ),
    "empty file": (b" \n", "a.csv: the file is empty"),
    "header only": (HEADER, "a.csv: there is a header and no row"),
    "other encoding": (
        TIDY.replace(",S", ",Süd").encode("cp1252"),
        "a.csv:5: this is not utf-8 text; set data.source.encoding, often cp1252 or utf-16",
    ),
    "utf-16": (
        TIDY.encode("utf-16-le"),
        "a.csv: holds NUL characters, so it is not utf-8 text; set data.source.encoding",
    ),
    "day first": (
        TIDY.replace("2024-01-0", "0")
        .replace(",01,", ",31-12-2023,")
        .replace(",02,", ",01-01-2024,")
        .replace(",03,", ",02-01-2024,"),
        'a.csv:2: column date: "31-12-2023" is not an ISO date; set data.time_format to "%d-%m-%Y", which fits every '
        "row",
    ),
    "day or month first": (
        TIDY.replace("2024-01-0", "0")
        .replace(",01,", ",01/01/2024,")
        .replace(",02,", ",02/01/2024,")
        .replace(",03,", ",03/01/2024,"),
        'a.csv:2: column date: "01/01/2024" can be read in several ways; say which in data.time_format: '
        '"%d/%m/%Y" or "%m/%d/%Y"',
    ),
    "dates as whole numbers": (
        TIDY.replace("2024-01-", "202401"),
        'a.csv:2: column date: "20240101" is not an ISO date; set data.time_format to "%Y%m%d", which fits every row',
    ),
    "no such day": (
        TIDY.replace("b,2024-01-03", "b,2024-02-30"),
        'a.csv:6: column date: "2024-02-30" is not a day of the calendar',
    ),
    "missing time": (TIDY.replace("b,2024-01-03", "b,"), "a.csv:6: column date: the time is missing"),
    "missing id": (TIDY.replace("b,2024-01-03", ",2024-01-03"), "a.csv:6: column shop: the id is missing"),
    "mixed offsets": (
        TIDY.replace("01-02", "01-02T00:00+01:00")
        .replace("01-03", "01-03T00:00+02:00")
        .replace("01-01", "01-01T00:00+01:00"),
        "a.csv:4: column date: times have different offsets from UTC (+01:00, +02:00); write them all in UTC",
    ),
    "same series and time twice": (
        TIDY.replace("b,2024-01-03", "b,2024-01-02"),
        "a.csv:6: shop b, date 2024-01-02 was there already at a.csv:5; 1 row repeats a series and time: remove them, "
        "or add the column that tells them apart to data.series",
    ),
    "static that changes": (
        TIDY.replace("21.5,0,S", "21.5,0,N"),
        "a.csv:6: column region changes within series b, so it is not static; list it under known or observed",
    ),
    "no target at all": (
        HEADER + "a,2024-01-01,,0,N\na,2024-01-02,NA,0,N\n",
        "a.csv: column sales has no value at all",
    ),
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_file_mistake_gives_place_and_hint(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(DataError) as caught:
        panel(tmp_path, text)
    assert str(caught.value) == message


SECTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown target": ({"target": "sale"}, 'data.target: a.csv has no column "sale"; did you mean "sales"?'),
    "unknown id": ({"series": ["Shop"]}, 'data.series: a.csv has no column "Shop"; did you mean "shop"?'),
    "unknown time": (
        {"time": "when"},
        'data.time: a.csv has no column "when"; there are shop, date, sales, promo, region',
    ),
    "two places": ({"target": "shop"}, 'data.target: the column "shop" is already data.series'),
    "unknown covariate": (
        {"covariates": {"known": ["promos"], "rest": "ignore"}},
        'data.covariates.known: there is no column "promos"; did you mean "promo"?',
    ),
    "two roles": (
        {"covariates": {"known": ["promo"], "static": ["*o*"]}},
        'data.covariates.static: the column "promo" is already known',
    ),
    "target as covariate": (
        {"covariates": {"known": ["sales"], "rest": "ignore"}},
        'data.covariates.known: the column "sales" is already data.target',
    ),
    "no role": (
        {"covariates": {}},
        "data.covariates: promo, region have no role; list each under known, observed, static or ignore, or drop what "
        "is not named with `rest: ignore`",
    ),
    "wrong weekday": (
        {"freq": "W-SUN"},
        "a.csv:2: 2024-01-01 is not a step of data.freq W-SUN; D would fit every row",
    ),
    "no frequency": (
        {"freq": None},
        "data.freq: the distance between two steps is missing; D would fit every row of a.csv",
    ),
    "unknown frequency": ({"freq": "W-FRY"}, 'data.freq: "W-FRY" is not a frequency of pandas'),
    "integer time": (
        {"time": {"integer": "date"}},
        'a.csv:2: column date: "2024-01-01" is not a whole number; data.time {integer: ...} counts steps',
    ),
    "format that does not fit": (
        {"time_format": "%d-%m-%Y"},
        'a.csv:2: column date: "2024-01-01" does not fit data.time_format "%d-%m-%Y"',
    ),
    "unknown codec": (
        {"source": {"csv": "a.csv", "encoding": "utf-9"}},
        'data.source.encoding: "utf-9" is not a codec; common ones are utf-8, cp1252',
    ),
    "delimiter that cannot be one": (
        {"source": {"csv": "a.csv", "delimiter": '"'}},
        "data.source.delimiter: '\"' cannot stand between fields; write one ASCII character",
    ),
    "absent file": (
        {"source": {"csv": "b.csv"}},
        'data.source.csv: there is no file "b.csv" (paths are relative to the project root)',
    ),
    "no match": (
        {"source": {"csv": "b*.csv"}},
        'data.source.csv: no file matches "b*.csv" (paths are relative to the project root)',
    ),
    "not parquet": ({"source": {"parquet": "a.csv"}}, "a.csv: this is not a parquet file, or it is cut off"),
}


@pytest.mark.parametrize(("changes", "message"), SECTIONS.values(), ids=SECTIONS.keys())
def test_section_mismatch_names_the_key(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        panel(tmp_path, TIDY, **changes)
    assert str(caught.value) == message


def test_absent_row_with_gap_error_is_named(tmp_path: Path) -> None:
    text = TIDY.replace("a,2024-01-02,11,1,N\n", "")
    message = (
        "data.gaps: 1 target is absent between the first row and the last target of the series, the first of series "
        "a at 2024-01-02; say what that means: missing, zero or ffill"
    )
    with pytest.raises(DataError) as caught:
        panel(tmp_path, text)
    assert str(caught.value) == message


def test_panel_too_large_is_refused_with_size(tmp_path: Path) -> None:
    rows = "".join(f"s{i},{t},1\n" for i in range(100) for t in (i, 4_000_000))
    with pytest.raises(DataError, match=r"100 series x 4,000,003 steps x 1 columns are 400,000,300 cells, and at most"):
        panel(tmp_path, "shop,t,sales\n" + rows, time={"integer": "t"}, freq=None, covariates={})


def test_distant_time_is_refused_before_the_grid(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there would be 1,\d{3},\d{3},\d{3} steps; is the time right"):
        panel(tmp_path, TIDY.replace("a,2024-01-01", "a,1984-01-01"), freq="s")
