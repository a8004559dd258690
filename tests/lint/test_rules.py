"""Every rule's own examples, run."""

import re
from pathlib import Path

import pytest

from runner.lint import lint
from runner.lint.registry import RULES

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").glob("*.yaml"))
SOUND = """\
version: 1
name: sound
data:
  source: {synthetic: {}}
  series: [series]
  time: time
  target: y
  freq: W-SUN
  covariates: {static: [kind]}
forecast: {horizon: 13}
models: {seasonal_naive: {}}
"""


def judged(folder, example):
    (folder / "pyproject.toml").touch()
    (folder / "base.yaml").write_text(SOUND)
    path = folder / "spec.yaml"
    if example.startswith("--set "):
        path.write_text(SOUND)
        return lint(path, [example.removeprefix("--set ")], {})
    head = "" if example.startswith("extends:") else "extends: [base.yaml]\n"
    path.write_text(head + example + "\n")
    return lint(path, environ={})


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_bad_example_of_a_rule_is_found_by_that_rule(tmp_path, rule):
    assert rule.code in {found.code for found in judged(tmp_path, rule.bad)}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_good_example_of_a_rule_is_clean(tmp_path, rule):
    assert judged(tmp_path, rule.good) == ()


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.check], ids=lambda rule: rule.code)
def test_a_rule_with_a_check_finds_nothing_else_in_its_bad_example(tmp_path, rule):
    found = judged(tmp_path, rule.bad)
    assert {one.code for one in found} == {rule.code}
    assert all(one.help and one.path for one in found)


def test_codes_are_unique_and_sorted_and_say_why():
    assert list(RULES) == sorted(RULES)
    for code, rule in RULES.items():
        assert rule.code == code
        assert rule.summary[0].isupper()
        assert not rule.summary.endswith(".")
        assert rule.why.endswith(".")


def test_every_code_that_the_language_uses_is_a_rule():
    used = set()
    for module in (ROOT / "runner" / "spec").glob("*.py"):
        used |= set(re.findall(r'"(FS\d{3})"', module.read_text(encoding="utf-8")))
    assert used <= set(RULES)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_shipped_spec_lints_clean(path):
    assert [str(found) for found in lint(path)] == []


ODD = {
    "a single series counted in integers": """\
version: 1
name: odd.one-1
data: {source: {csv: "data/*.csv", delimiter: ";", decimal: ","}, time: {integer: step}, target: y}
forecast: {horizon: 1, season: [24, 168], quantiles: [0.5]}
evaluation: {metric: {pinball: {}}, report: [], baseline: zero}
models: {zero: {}, drift: {}}
""",
    "time in two columns and a join": """\
version: 1
name: odd2
data:
  source: {parquet: data/x.parquet}
  series: [a, b]
  time: {columns: [day, hour]}
  time_format: "%Y-%m-%d %H"
  target: "3"
  freq: 4h
  covariates: {ignore: ["*_raw"], rest: ignore}
  join: [{source: {csv: stores.csv}, keys: [a], columns: [size]}]
  future: {csv: plan.csv}
forecast: {horizon: 6, gap: 2}
evaluation: {anchor: series_end, tuning: {windows: 3, step: 1, history: 50, min_horizon: 2}, test: {windows: 2}}
training: {origins: {every: 3, last: 40}, steps: {every: 2}}
models:
  ma-12: {use: moving_average, window: 12}
  l2: {use: lightgbm, params: {objective: l2}, features: {lags: [1], holidays: {country: IN, subdivision: KA}}}
  cat: {use: catboost, space: {depth: {choice: [4, 6]}, rsm: {float: [0.5, 1.0], step: 0.1}}}
  mix: {use: blend, of: [l2, cat], weights: learnt}
study: {sampler: {name: random}, pruner: {name: percentile, percentile: 50.0}, budget: {trials: 1, time: 0.5h}}
run: {workers: 2, timeout: 90s}
tracking: {trials: none, tags: {env: prod, owner: "007"}}
""",
    "words that look like something else": """\
version: 1
name: "123"
description: "yes: no, 1:30 & *stars*"
data: {source: {synthetic: {trend: -1, noise: 0}}, series: [series], time: time, target: y, freq: QS-OCT,
       covariates: {static: [kind], known: [promo]}}
forecast: {horizon: 4, season: 4}
models: {naive: {}, seasonal_naive: {}, seasonal_growth: {}}
tracking: {tags: {no: "no", on: off}}
""",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_but_valid_specs_raise_no_alarm(tmp_path, name):
    path = tmp_path / "odd.yaml"
    path.write_text(ODD[name])
    assert [str(found) for found in lint(path)] == []


def test_a_dimension_in_a_wide_space_is_judged_too(tmp_path):
    found = judged(tmp_path, "models: {lightgbm: {space: {target: {window: {int: [4, 30], step: 8}}}}}")
    assert [(one.code, one.path) for one in found] == [("FS404", "models.lightgbm.space.target.window.int")]


def test_a_number_in_quotes_among_choices_of_text_is_a_warning(tmp_path):
    found = judged(tmp_path, 'models: {catboost: {space: {simple_ctr: {choice: ["1", Borders]}}}}')
    assert [(one.code, one.severity) for one in found] == [("FS003", "warning")]
