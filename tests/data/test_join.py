"""Joined tables: checked many-to-one, and there for absent rows and the future where their keys allow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from load_worlds import TIDY, panel

from runner.errors import DataError
from runner.values.panel import Panel

NAN = np.nan


def joined(
    root: Path, text: str, keys: list[str], *, main: str = TIDY, columns: list[str] | None = None, **roles: Any
) -> Panel:
    (root / "j.csv").write_text(text)
    join = {"source": {"csv": "j.csv"}, "keys": keys, "columns": columns}
    covariates = {"known": ["promo"], "static": ["region"]}
    for role, names in roles.items():
        covariates[role] = [*covariates.get(role, []), *names]
    return panel(root, main, join=[join], covariates=covariates)


def values(made: Panel, name: str) -> Any:
    return next(c for c in made.covariates if c.name == name).values


def test_a_table_by_id_is_static(tmp_path: Path) -> None:
    made = joined(tmp_path, "shop,size\rb,2\ra,1\r", ["shop"], static=["size"])
    assert values(made, "size").tolist() == [1, 2]


def test_join_by_id_and_time_fills_future(tmp_path: Path) -> None:
    rows = "".join(f"{shop},2024-01-0{day},{day}{n}\n" for n, shop in enumerate("ab") for day in range(1, 5))
    made = joined(tmp_path, "shop,date,heat\n" + rows, ["shop", "date"], known=["heat"])
    np.testing.assert_array_equal(values(made, "heat"), [[10, 20, 30, 40, NAN], [11, 21, 31, 41, NAN]])


def test_an_observed_one_stops_where_the_history_does(tmp_path: Path) -> None:
    text = "date,heat\n" + "".join(f"2024-01-0{day},{day}\n" for day in range(1, 6))
    made = joined(tmp_path, text, ["date"], observed=["heat"])
    np.testing.assert_array_equal(values(made, "heat"), [1, 2, 3, NAN, NAN])


def test_join_by_time_serves_all_series(tmp_path: Path) -> None:
    text = "date,feast\n2024-01-02,TRUE\n2024-01-05,FALSE\n"
    np.testing.assert_array_equal(
        values(joined(tmp_path, text, ["date"], known=["feast"]), "feast"), [NAN, 1, NAN, NAN, 0]
    )


def test_dates_in_another_spelling_still_meet(tmp_path: Path) -> None:
    text = "date,feast\n2024-01-02T00:00:00,1\n"
    assert values(joined(tmp_path, text, ["date"], known=["feast"]), "feast")[1] == 1


def test_join_by_covariate_reaches_rows_and_future(tmp_path: Path) -> None:
    main = TIDY + "a,2024-01-04,,1,N\n"
    made = joined(tmp_path, "promo,cost\n0,5\n1,7\n", ["promo"], main=main, known=["cost"])
    np.testing.assert_array_equal(values(made, "cost")[0], [5, 7, 5, 7, NAN])


def test_second_join_uses_columns_of_the_first(tmp_path: Path) -> None:
    (tmp_path / "j.csv").write_text("shop,type\na,X\nb,Y\n")
    (tmp_path / "k.csv").write_text("type,size\nX,1\nY,2\n")
    joins = [{"source": {"csv": "j.csv"}, "keys": ["shop"]}, {"source": {"csv": "k.csv"}, "keys": ["type"]}]
    made = panel(tmp_path, join=joins, covariates={"known": ["promo"], "static": ["region", "type", "size"]})
    assert values(made, "size").tolist() == [1, 2]


def test_a_series_without_a_match_is_missing(tmp_path: Path) -> None:
    made = joined(tmp_path, "shop,size\nb,2\nc,3\n", ["shop"], static=["size"])
    np.testing.assert_array_equal(values(made, "size"), [NAN, 2])


MISTAKES: dict[str, tuple[str, list[str], list[str] | None, str]] = {
    "key twice": (
        "shop,size\na,1\nb,2\na,3\n",
        ["shop"],
        None,
        "j.csv:4: shop a occurs twice, and a joined table has each key once; remove the row, "
        "or add the column that tells them apart to data.join[0].keys",
    ),
    "no key met": (
        "shop,size\nA,1\nB,2\n",
        ["shop"],
        None,
        'data.join[0].keys: no row of j.csv has the shop of a row of a.csv (shop is "A", "B" there and "a", "b" here)',
    ),
    "column in both": (
        "shop,size,promo\na,1,1\n",
        ["shop"],
        None,
        'data.join[0]: the column "promo" of j.csv stands in a.csv too; name the columns to take in '
        "data.join[0].columns",
    ),
    "unknown key": (
        "Shop,size\na,1\n",
        ["shop"],
        None,
        'data.join[0].keys: j.csv has no column "shop"; did you mean "Shop"?',
    ),
    "unknown column": (
        "shop,size\na,1\n",
        ["shop"],
        ["sizes"],
        'data.join[0].columns: j.csv has no column "sizes"; did you mean "size"?',
    ),
    "key not in the main table": (
        "town,size\na,1\n",
        ["town"],
        None,
        'data.join: a.csv has no column "town" to join on',
    ),
    "bad number": (
        "shop,size\na,1\nb,2x\n",
        ["shop"],
        None,
        'j.csv:3: column size: "2x" is text, but 1 of 2 values are numbers; correct it, or list the '
        "column under data.covariates.ignore",
    ),
    "bad date": (
        "date,size\n01.02.2024,1\n",
        ["date"],
        None,
        'j.csv:2: column date: "01.02.2024" is not an ISO date; set data.time_format to "%d.%m.%Y", which fits '
        "every row",
    ),
}


@pytest.mark.parametrize(("text", "keys", "columns", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_join_mismatch_is_one_line(
    tmp_path: Path, text: str, keys: list[str], columns: list[str] | None, message: str
) -> None:
    with pytest.raises(DataError) as caught:
        joined(tmp_path, text, keys, columns=columns, static=["size"])
    assert str(caught.value) == message


def test_columns_leaves_out_what_both_tables_have(tmp_path: Path) -> None:
    made = joined(tmp_path, "shop,size,promo\na,1,1\n", ["shop"], columns=["size"], static=["size"])
    np.testing.assert_array_equal(values(made, "size"), [1, NAN])
