"""A file of one's own: scored by the usual definitions, refused with row and column."""

from __future__ import annotations

import pytest

from runner.dashboard.upload import charts, facts, read_pairs, remarks, scores
from runner.errors import DataError


def x_axis(picture):
    """The x axis and the values along it."""
    (rows,) = picture.spec["datasets"].values()
    return picture.spec["layer"][0]["encoding"]["x"], [row["x"] for row in rows]


def test_known_values_have_known_scores():
    found = scores(read_pairs(b"date,actual,predicted\n2024-01-01,100,110\n2024-01-02,300,270\n"))
    assert found["wape"] == pytest.approx(0.1)
    assert found["mae"] == pytest.approx(20.0)
    assert found["bias"] == pytest.approx(-0.05)


def test_the_truth_scores_zero():
    assert scores(read_pairs(b"y,yhat\n1,1\n2,2\n"))["rmse"] == 0


def test_shares_of_nothing_are_not_available():
    found = scores(read_pairs(b"y,yhat\n0,1\n"))
    assert found["wape"] is None
    assert found["mape"] is None


def test_upload_ignores_byte_order_mark_and_case():
    assert len(read_pairs(b"\xef\xbb\xbfActual, Forecast\n1,2\n").actual) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a,b\n1,2\n", "no column of actual values: the file has a, b"),
        (b"actual,predicted\n1,x\n", "row 2, column predicted: 'x' is no number"),
        (b"actual,predicted\n1,\n,2\n", "the file has no row with both"),
        (b"actual,predicted\n1_0,2\n", "row 2, column actual: '1_0' is no number"),
        (b"actual;predicted\n1,5;2\n", "row 2, column actual: '1,5' is no number; write decimals with a point"),
        (b"actual,predicted\n1,inf\n", "row 2, column predicted"),
        (b"actual,predicted\n", "no rows"),
        (b"", "no column"),
        (b"\xff\xfe", "not UTF-8"),
        (b"actual,predicted\n" + b"1" * 140_000 + b",2\n", "row 2, column actual"),
        (b"1" * 140_000, "no column of actual values"),
        (b"actual,predicted\n1e308,-1e308\n1e308,1e308\n", "row 2, column actual: '1e308' is too large to be scored"),
    ],
)
def test_a_mistake_has_an_address(content, sentence):
    with pytest.raises(DataError, match=sentence):
        read_pairs(content)


def test_upload_draws_errors_equal_after_rounding():
    rows = "".join(f"{i},{i + 0.1}\n" for i in range(1, 40))
    assert len(charts(read_pairs(f"y,yhat\n{rows}".encode()))) == 3


def test_one_row_can_be_drawn():
    assert len(charts(read_pairs(b"y,yhat\n1,2\n"))) == 3


def test_upload_accepts_carriage_return_line_ends():
    assert list(read_pairs(b"y,yhat\r1,2\r3,4\r").predicted) == [2, 4]


def test_upload_scores_and_draws_largest_values():
    small = read_pairs(b"y,yhat\n5e-324,1\n")
    assert scores(small) == {"wape": None, "mape": None, "rmse": 1, "mae": 1, "bias": None}
    large = read_pairs(b"y,yhat\n" + b"1e150,-1e150\n-1e150,1e150\n" * 50)
    assert scores(large)["rmse"] == pytest.approx(2e150)
    assert len(charts(small)) == len(charts(large)) == 3


def test_upload_long_heading_is_shortened():
    with pytest.raises(DataError) as caught:
        read_pairs(b"x" * 100_000 + b"\n1\n")
    assert len(str(caught.value)) < 200


def test_upload_incomplete_rows_are_counted():
    pairs = read_pairs(b"actual,predicted\n1,1\n,2\n 3 ,\n4,4\n")
    assert list(pairs.actual) == [1, 4]
    assert pairs.labels == ("2", "5")
    assert remarks(pairs) == "2 rows are left out: no actual or no predicted value."


@pytest.mark.parametrize("sign", [";", "\t"])
def test_semicolons_and_tabs_part_columns_too(sign):
    rows = "date,actual,predicted\n2024-01-01,1,2\n2024-01-02,3,4\n".replace(",", sign)
    assert list(read_pairs(rows.encode()).predicted) == [2, 4]


def test_upload_partial_share_gives_row_count():
    pairs = read_pairs(b"actual,predicted\n0,1\n2,2\n4,4\n5,5\n")
    assert ("mape of 3 rows", "0.00%") in facts(pairs)
    assert remarks(pairs) == "1 row is not in mape: the actual value is 0."
    assert ("mape", "0.00%") in facts(read_pairs(b"actual,predicted\n2,2\n"))


def test_upload_ascending_dates_become_the_axis():
    one = read_pairs(b"ds,y,yhat\n2024-01-01,1,2\n2024-01-03 04:00,3,4\n")
    axis, moments = x_axis(charts(one)[0])
    assert (axis["type"], moments[1]) == ("temporal", "2024-01-03T04:00:00Z")
    for second in (b"2024-01-01", b"2023-12-01", b"soon", b"2024-02-01T00:00:00Z"):
        several = read_pairs(b"ds,y,yhat\n2024-01-01,1,2\n" + second + b",3,4\n")
        axis, _ = x_axis(charts(several)[0])
        assert axis["title"] == ["row"]
