"""Mistyped words get the closest name as a hint."""

import pytest

from runner.errors import closest, did_you_mean

NAMES = ("lightgbm", "catboost", "naive")


@pytest.mark.parametrize(("word", "name"), [("lightgmb", "lightgbm"), ("cat", None), ("naive" * 30, None), ("", None)])
def test_closest_returns_a_similar_name_or_none(word: str, name: str | None) -> None:
    assert closest(word, NAMES) == name


def test_closest_with_a_lower_cutoff_accepts_more() -> None:
    assert closest("cat", NAMES, 0.5) == "catboost"


def test_did_you_mean_without_a_similar_name_is_empty() -> None:
    assert did_you_mean("nayve", NAMES) == "did you mean `naive`?"
    assert did_you_mean("xgb", NAMES) == ""
