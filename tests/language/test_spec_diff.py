"""A difference is one in meaning, listed once."""

from __future__ import annotations

from pathlib import Path

from spec_worlds import over_sound

from runner.language.parse import parse
from runner.language.spec_diff import Change, changes

TUNED = """\
models:
  seasonal_naive: {}
  lightgbm:
    space: {num_leaves: {int: [7, 127], log: true}, learning_rate: {float: [0.01, 0.3]}}
features: {lags: [1, 2]}
study: {budget: {trials: 20, time: 10m}}
"""


def between(folder: Path, before: str, after: str) -> dict[str, Change]:
    old = parse(over_sound(folder / "old", before))
    return {change.key: change for change in changes(old, parse(over_sound(folder / "new", after)))}


def folders(folder: Path) -> Path:
    for name in ("old", "new"):
        (folder / name).mkdir()
    return folder


def test_other_words_for_the_same_are_no_difference(tmp_path: Path) -> None:
    same = TUNED.replace("10m", "600s").replace("[0.01, 0.3]}", "[0.01, 0.3], log: false}") + "# a comment\n"
    assert between(folders(tmp_path), TUNED, same) == {}


def test_a_default_written_out_is_no_difference(tmp_path: Path) -> None:
    assert between(folders(tmp_path), TUNED, TUNED + "run: {retries: 2}\n") == {}


def test_diff_changed_value_has_sides_and_lines(tmp_path: Path) -> None:
    found = between(folders(tmp_path), TUNED, TUNED.replace("trials: 20", "trials: 40"))
    (change,) = found.values()
    assert (change.key, change.before, change.after, change.kind) == ("study.budget.trials", 20, 40, "changed")
    assert change.place_before is not None
    assert change.place_before.line == 7


def test_a_range_is_one_change(tmp_path: Path) -> None:
    found = between(folders(tmp_path), TUNED, TUNED.replace("127], log: true", "255], log: true"))
    assert [(c.key, c.after) for c in found.values()] == [
        ("models.lightgbm.space.num_leaves", {"int": [7, 255], "log": True})
    ]


def test_diff_common_feature_is_listed_once(tmp_path: Path) -> None:
    assert list(between(folders(tmp_path), TUNED, TUNED.replace("[1, 2]", "[1, 2, 3]"))) == ["features.lags"]


def test_diff_feature_of_model_is_listed_there(tmp_path: Path) -> None:
    own = TUNED.replace("    space:", "    features: {lags: [7]}\n    space:")
    assert list(between(folders(tmp_path), TUNED, own)) == ["models.lightgbm.features.lags"]


def test_a_model_comes_and_goes_as_one(tmp_path: Path) -> None:
    found = between(folders(tmp_path), TUNED, TUNED.replace("seasonal_naive: {}", "naive: {}\n  seasonal_naive: null"))
    assert {c.key: c.kind for c in found.values()} == {"models.naive": "added", "models.seasonal_naive": "removed"}


def test_another_source_is_one_change(tmp_path: Path) -> None:
    other = TUNED + "data: {source: {csv: a.csv}}\n"
    assert list(between(folders(tmp_path), TUNED, other)) == ["data.source"]
