"""From files to a panel: nothing is converted by surprise, and everything lands on its place."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from load_worlds import TIDY, panel, section

from runner.data.load import load
from runner.data.locate import digests
from runner.errors import DataError
from runner.values.panel import Covariate, Panel

NAN = np.nan
EXPECTED_Y = [[10, 11, 12], [NAN, 20.5, 21.5]]


def covariate(panel: Panel, name: str) -> Covariate:
    return next(c for c in panel.covariates if c.name == name)


def test_rows_become_a_grid(tmp_path: Path) -> None:
    made = panel(tmp_path)
    assert made.ids == (("a",), ("b",))
    np.testing.assert_array_equal(made.y, EXPECTED_Y)
    assert made.start.tolist() == [0, 1]
    assert made.stop.tolist() == [3, 3]
    assert made.n_future == 2
    assert [str(time)[:10] for time in made.times] == [f"2024-01-0{day}" for day in (1, 2, 3, 4, 5)]


def test_the_future_is_gap_and_horizon_long(tmp_path: Path) -> None:
    assert panel(tmp_path, horizon=3, gap=2).n_future == 5


def test_covariates_follow_their_roles(tmp_path: Path) -> None:
    made = panel(tmp_path)
    np.testing.assert_array_equal(covariate(made, "promo").values, [[0, 1, 0, NAN, NAN], [NAN, 1, 0, NAN, NAN]])
    assert covariate(made, "region").categories == ("N", "S")
    assert covariate(made, "region").values.tolist() == [0, 1]


@settings(max_examples=25, deadline=None)
@given(st.permutations(TIDY.splitlines()[1:]))
def test_the_order_of_rows_does_not_matter(tmp_path_factory: pytest.TempPathFactory, rows: list[str]) -> None:
    made = panel(tmp_path_factory.mktemp("order"), "\n".join([TIDY.splitlines()[0], *rows]))
    assert made.ids == (("a",), ("b",))
    np.testing.assert_array_equal(made.y, EXPECTED_Y)


@pytest.mark.parametrize(
    "text",
    [
        TIDY.replace("\n", "\r").encode(),
        TIDY.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + TIDY.encode(),
        TIDY.replace("\n", "\n\n").encode(),
        TIDY.rstrip("\n").encode(),
        TIDY.replace("20.5", ' "20.5"').replace(' "', '"').encode(),
        TIDY.replace("11,1,N", "+11,TRUE,N").replace("20.5,1,S", " 20.5 ,true,S").encode(),
    ],
    ids=["bare CR", "CRLF", "byte order mark", "empty lines", "no last line end", "quoted", "signs, blanks, truth"],
)
def test_table_in_other_spellings_gives_same_panel(tmp_path: Path, text: bytes) -> None:
    made = panel(tmp_path, text)
    np.testing.assert_array_equal(made.y, EXPECTED_Y)
    assert covariate(made, "promo").values[0, 1] == 1


def test_delimiter_decimal_comma_and_encoding_are_understood(tmp_path: Path) -> None:
    text = TIDY.replace(",", ";").replace("20.5", "20,5").replace("21.5", "21,5").replace(";S", ";Süd")
    source = {"csv": "a.csv", "delimiter": ";", "decimal": ",", "encoding": "cp1252"}
    made = panel(tmp_path, text.encode("cp1252"), source=source)
    np.testing.assert_array_equal(made.y, EXPECTED_Y)
    assert covariate(made, "region").categories == ("N", "Süd")


def test_ids_stay_text_in_natural_order(tmp_path: Path) -> None:
    ids = ["NA", "null", "007", "7", "10", "1e3", "nan"]
    text = "shop,date,sales\n" + "".join(f"{one},2024-01-01,1\n" for one in ids)
    made = panel(tmp_path, text, covariates={})
    assert made.ids == (("007",), ("7",), ("10",), ("1e3",), ("NA",), ("nan",), ("null",))


@pytest.mark.parametrize("word", ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"])
def test_words_for_missing_are_missing_numbers(tmp_path: Path, word: str) -> None:
    made = panel(tmp_path, TIDY.replace("a,2024-01-02,11,1", f"a,2024-01-02,{word},{word}"), gaps="missing")
    np.testing.assert_array_equal(made.y[0], [10, NAN, 12])
    assert np.isnan(covariate(made, "promo").values[0, 1])


def test_na_in_text_column_is_a_category(tmp_path: Path) -> None:
    made = panel(tmp_path, TIDY.replace(",N\n", ",NA\n").replace(",S\n", ",\n"))
    assert covariate(made, "region").categories == ("NA",) or covariate(made, "region").categories is None
    assert np.isnan(covariate(made, "region").values[1])


@pytest.mark.parametrize(("gaps", "row"), [("missing", [10, NAN, 12]), ("zero", [10, 0, 12]), ("ffill", [10, 10, 12])])
def test_gaps_are_what_the_spec_says(tmp_path: Path, gaps: str, row: list[float]) -> None:
    made = panel(tmp_path, TIDY.replace("a,2024-01-02,11,1,N\n", ""), gaps=gaps)
    np.testing.assert_array_equal(made.y, [row, EXPECTED_Y[1]])  # before the first row nothing is filled


def test_a_negative_value_is_a_value(tmp_path: Path) -> None:
    assert panel(tmp_path, TIDY.replace("20.5", "-20.5")).y[1, 1] == -20.5


def test_time_may_stand_in_two_columns(tmp_path: Path) -> None:
    text = "day,hour,n\n1/1/11,0,5\n1/1/11,1,6\n1/1/11,3,8\n"
    made = panel(
        tmp_path, text, series=[], time={"columns": ["day", "hour"]}, time_format="%m/%d/%y %H", target="n", freq="h",
        gaps="missing", covariates={},
    )  # fmt: skip
    assert made.ids == ((),)
    assert str(made.times[3]) == "2011-01-01T03:00:00.000000"
    np.testing.assert_array_equal(made.y, [[5, 6, NAN, 8]])


def test_integer_time_counts_steps(tmp_path: Path) -> None:
    made = panel(
        tmp_path, "t,n\n7,1\n9,3\n", series=[], time={"integer": "t"}, freq=None, target="n", gaps="missing",
        covariates={},
    )  # fmt: skip
    assert made.freq is None
    assert made.times.tolist() == [7, 8, 9, 10, 11]
    np.testing.assert_array_equal(made.y, [[1, NAN, 3]])


@pytest.mark.parametrize("stamp", ["2024-01-0{}T00:00:00.000", "2024-01-0{} 00:00", "2024-01-0{}T00:00:00Z"])
def test_iso_times_in_full_are_read(tmp_path: Path, stamp: str) -> None:
    text = TIDY
    for day in (1, 2, 3):
        text = text.replace(f"2024-01-0{day}", stamp.format(day))
    np.testing.assert_array_equal(panel(tmp_path, text).y, EXPECTED_Y)


def test_rows_after_the_last_target_are_the_future(tmp_path: Path) -> None:
    text = TIDY + "a,2024-01-04,,1,N\nb,2024-01-04,NA,0,S\na,2024-01-09,,1,N\n"
    made = panel(tmp_path, text, covariates={"known": ["promo"], "static": ["region"]})
    assert made.n_steps == 3
    assert made.stop.tolist() == [3, 3]
    np.testing.assert_array_equal(covariate(made, "promo").values[:, 3:], [[1, NAN], [0, NAN]])


def test_an_observed_covariate_has_no_future(tmp_path: Path) -> None:
    made = panel(tmp_path, TIDY + "a,2024-01-04,,1,N\n", covariates={"observed": ["promo"], "static": ["region"]})
    np.testing.assert_array_equal(covariate(made, "promo").values[:, 3:], [[NAN, NAN], [NAN, NAN]])


@pytest.mark.parametrize("gaps", ["missing", "zero", "ffill", "error"])
def test_trailing_rows_without_target_are_the_future(tmp_path: Path, gaps: str) -> None:
    text = TIDY.replace("a,2024-01-02,11", "a,2024-01-02,").replace("a,2024-01-03,12", "a,2024-01-03,")
    made = panel(tmp_path, text, gaps=gaps)
    np.testing.assert_array_equal(made.y, [[10, NAN, NAN], [NAN, 20.5, 21.5]])
    assert made.stop.tolist() == [1, 3]


def test_series_without_target_is_not_filled(tmp_path: Path) -> None:
    made = panel(tmp_path, TIDY + "c,2024-01-02,,1,N\n", gaps="zero")
    np.testing.assert_array_equal(made.y[2], [NAN, NAN, NAN])
    assert (made.start[2], made.stop[2]) == (3, 3)


def test_a_future_table_gives_known_covariates_only(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("shop,date,promo,sales\na,2024-01-04,1,99\nz,2024-01-04,1,99\na,2024-02-01,1,99\n")
    made = panel(tmp_path, future={"csv": "f.csv"})
    np.testing.assert_array_equal(made.y, EXPECTED_Y)
    np.testing.assert_array_equal(covariate(made, "promo").values[:, 3:], [[1, NAN], [NAN, NAN]])


def test_future_table_overrides_the_main_table(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("shop,date,promo\na,2024-01-03,7\na,2024-01-04,5\na,2024-01-05,\nb,2024-01-04,5\n")
    text = TIDY + "a,2024-01-04,,0,N\na,2024-01-05,,1,N\nb,2024-01-04,,,S\n"
    made = panel(tmp_path, text, future={"csv": "f.csv"})
    np.testing.assert_array_equal(covariate(made, "promo").values, [[0, 1, 0, 5, 1], [NAN, 1, 0, 5, NAN]])


def test_future_table_begins_after_each_series(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("shop,date,promo\na,2024-01-03,7\nb,2024-01-03,7\n")
    made = panel(tmp_path, TIDY.replace("a,2024-01-03,12", "a,2024-01-03,"), future={"csv": "f.csv"})
    np.testing.assert_array_equal(covariate(made, "promo").values[:, 2], [7, 0])


def test_future_table_without_known_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("shop,date,promos\na,2024-01-04,1\n")
    with pytest.raises(
        DataError, match=r'^data.future: f.csv has no column "promo", which is known; did you mean "pro'
    ):
        panel(tmp_path, future={"csv": "f.csv"})


def test_glob_files_keep_their_addresses(tmp_path: Path) -> None:
    lines = TIDY.splitlines(keepends=True)
    (tmp_path / "p1.csv").write_text("".join(lines[:4]))
    (tmp_path / "p2.csv").write_text(lines[0] + "".join(lines[4:]))
    np.testing.assert_array_equal(panel(tmp_path, source={"csv": "p?.csv"}).y, EXPECTED_Y)
    (tmp_path / "p2.csv").write_text(lines[0] + "".join(lines[4:]).replace("21.5", "x"))
    with pytest.raises(DataError, match=r'^p2.csv:3: column sales: "x" is not a number'):
        panel(tmp_path, source={"csv": "p?.csv"})


def test_glob_files_with_other_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / "p1.csv").write_text(TIDY)
    (tmp_path / "p2.csv").write_text(TIDY.replace("promo", "offer"))
    with pytest.raises(DataError, match=r"^p2.csv: its columns are not those of p1.csv: offer, promo differ$"):
        panel(tmp_path, source={"csv": "p?.csv"})


def test_address_after_quoted_line_ends_counts_lines(tmp_path: Path) -> None:
    text = TIDY.replace("10,0,N", '10,0,"N\nN"').replace("11,1,N", "x,1,N")
    with pytest.raises(DataError, match=r"^a.csv:4: column sales"):
        panel(tmp_path, text)


def test_parquet_gives_the_same_panel_whatever_its_types(tmp_path: Path) -> None:
    days = np.array(["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-02", "2024-01-03"], dtype="datetime64[ns]")
    columns = {
        "shop": [1, 1, 1, 2, 2],
        "date": days,
        "sales": pa.array([10, 11, 12, 20.5, 21.5], pa.float32()),
        "promo": [False, True, False, True, False],
        "region": pa.array(["N", "N", "N", "S", "S"]).dictionary_encode(),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    made = panel(tmp_path, source={"parquet": "a.parquet"})
    assert made.ids == (("1",), ("2",))
    np.testing.assert_array_equal(made.y, EXPECTED_Y)
    assert covariate(made, "promo").values[1, 1] == 1
    assert covariate(made, "region").categories == ("N", "S")


def test_whole_numbers_are_never_moments(tmp_path: Path) -> None:
    pq.write_table(pa.table({"date": [20200101, 20200102], "sales": [1.0, 2.0]}), tmp_path / "a.parquet")
    source = {"parquet": "a.parquet"}
    with pytest.raises(
        DataError, match=r'^a.parquet:row 1: column date: "20200101" is not an ISO date; set data.time_fo'
    ):
        panel(tmp_path, source=source, series=[], covariates={})
    made = panel(tmp_path, source=source, series=[], covariates={}, time_format="%Y%m%d")
    assert str(made.times[0])[:10] == "2020-01-01"


def test_load_fingerprint_equals_light_fingerprint(tmp_path: Path) -> None:
    made = panel(tmp_path)
    assert made.digests == {"a.csv": hashlib.sha256(TIDY.encode()).hexdigest()}
    assert made.digests == digests(section(), tmp_path)


def test_synthetic_data_has_promotions_in_the_future(tmp_path: Path) -> None:
    data = section(
        source={"synthetic": {"series": 3, "steps": 30, "short": 1, "gappy": 1}}, series=["series"], time="time",
        target="y", freq="W-SUN", gaps="missing", covariates={"known": ["promo"], "static": ["kind"]},
    )  # fmt: skip
    made = load(data, horizon=4, gap=1, root=tmp_path)
    assert (made.n_series, made.n_steps, made.n_future) == (3, 30, 5)
    assert np.isfinite(covariate(made, "promo").values[:, 30:]).all()
    assert made.digests == digests(data, tmp_path)
