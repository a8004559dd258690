"""Every value has one origin: the line that set it, the command line, or the language."""

from __future__ import annotations

from pathlib import Path

import pytest
from spec_worlds import SOUND, over_sound, read, write

from runner.errors import UsageError
from runner.language.explain import Resolved, brief, describe, explain
from runner.language.parse import Document, parse

TUNED = """\
models:
  seasonal_naive: {}
  lightgbm:
    params: {objective: l1}
    space:
      learning_rate: {float: [0.01, 0.3], log: true}
features: {lags: [1, 2], rolling: [{stat: mean, window: 4}]}
"""


def values_of(document: Document, key: str = "") -> dict[str, Resolved]:
    return {one.key: one for one in explain(document, key)}


def test_explain_value_names_file_and_line(tmp_path: Path) -> None:
    values = values_of(read(tmp_path, "forecast: {season: 52}\n"))
    assert values["forecast.horizon"].origin == f"{tmp_path}/base.yaml:10"
    assert values["forecast.season"].origin == f"{tmp_path}/spec.yaml:2"
    assert values["forecast.gap"].origin == "default"


def test_an_override_is_told_as_one(tmp_path: Path) -> None:
    values = values_of(read(tmp_path, "", "study.budget.trials=5"))
    assert values["study.budget.trials"].value == 5
    assert values["study.budget.trials"].origin == "--set study.budget.trials"


def test_together_the_values_are_the_whole_spec(tmp_path: Path) -> None:
    document = read(tmp_path, TUNED)
    keys = [one.key for one in explain(document)]
    assert len(keys) == len(set(keys))
    assert {key.split(".")[0].split("[")[0] for key in keys} == set(document.spec.model_dump(mode="json"))


def test_explain_default_is_value_of_language(tmp_path: Path) -> None:
    document = parse(write(tmp_path, SOUND))
    dumped = document.spec.model_dump(mode="json")
    for one in explain(document):
        value = dumped
        for part in one.path:
            value = value[part]
        if one.place is None:
            assert one.value == value, one.key


def test_explain_searched_parameter_is_one_value(tmp_path: Path) -> None:
    document = read(tmp_path, TUNED)
    key = "models.lightgbm.space.learning_rate"
    assert values_of(document)[key].value == {"float": [0.01, 0.3], "log": True}
    assert values_of(document, f"{key}.log")[f"{key}.log"].value is True


def test_what_a_model_takes_over_is_told_once(tmp_path: Path) -> None:
    document = read(tmp_path, TUNED)
    short = {one.key: one for one in brief(document, explain(document))}
    assert short["models.lightgbm.features"].value == "as features"
    assert "models.lightgbm.features.lags" not in short
    assert short["features.lags"].value == [1, 2]


def test_what_a_model_changes_is_told_in_full(tmp_path: Path) -> None:
    own = TUNED.replace("    params", "    features: {lags: [7]}\n    params")
    document = read(tmp_path, own)
    short = {one.key: one for one in brief(document, explain(document))}
    assert short["models.lightgbm.features.lags"].value == [7]
    assert short["models.lightgbm.features.rolling[0]"].value == {"stat": "mean", "window": 4}


def test_explain_kind_comes_from_model_name(tmp_path: Path) -> None:
    assert values_of(read(tmp_path, ""))["models.seasonal_naive.use"].origin == f"{tmp_path}/base.yaml:11"


def test_a_path_narrows(tmp_path: Path) -> None:
    assert list(values_of(read(tmp_path, ""), "study.budget")) == [
        "study.budget.trials", "study.budget.time", "study.budget.failures",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "near"),
    [("study.budgt", "study.budget"), ("horizon", "forecast.horizon"), ("forecast.horizn", "forecast.horizon")],
)
def test_an_unknown_path_names_the_nearest(tmp_path: Path, asked: str, near: str) -> None:
    with pytest.raises(UsageError, match=f"did you mean `{near}`"):
        explain(read(tmp_path, ""), asked)


def test_describe_key_returns_text_of_schema(tmp_path: Path) -> None:
    document = parse(over_sound(tmp_path, TUNED))
    for asked, words in (("evaluation.test.step", "Steps between two cut-offs"), ("forecast", "What is asked")):
        assert describe(document, asked, explain(document, asked)).startswith(words)
    asked = "models.lightgbm.space.learning_rate"
    assert describe(document, asked, explain(document, asked)) == ""
