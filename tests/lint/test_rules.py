"""Every rule's own examples, run."""

import re

import pytest
from lint_worlds import ROOT, SPECS, beside_another, judged

from runner.errors import UsageError
from runner.lint import lint
from runner.lint.pages import explain, page
from runner.lint.registry import LEFT_OUT, RULES

VALID = sorted((ROOT / "tests" / "lint" / "valid").glob("*.yaml"))
OF_COMMENTS = ("FS007", "FS008", "FS601")
"""These are about a text, not about a key."""


def unless(rule):
    return () if rule.code == "FS016" else ("FS016",)


def asked(folder, rule, example):
    if rule.compare:
        return beside_another(folder, example, ignore=unless(rule))
    return judged(folder, example, data=rule.needs_data, ignore=unless(rule))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule_bad_example_is_reported(tmp_path, rule):
    found = [one for one in asked(tmp_path, rule, rule.bad) if one.code == rule.code]
    assert found
    assert bool(found[0].fix) == rule.fixable or rule.code in ("FS003", "FS004")


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_good_example_of_a_rule_is_clean(tmp_path, rule):
    assert asked(tmp_path, rule, rule.good) == ()


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.advises], ids=lambda rule: rule.code)
def test_rule_bad_example_breaks_no_other_rule(tmp_path, rule):
    found = asked(tmp_path, rule, rule.bad)
    assert {one.code for one in found} == {rule.code}
    if rule.check or rule.judge or rule.compare:
        assert all(one.help and (one.path or one.code in OF_COMMENTS) for one in found)


def test_no_rule_reads_data_unless_asked(tmp_path):
    for rule in RULES.values():
        if rule.needs_data and not rule.code.startswith("FS107"):
            assert judged(tmp_path, rule.bad) == ()


def test_codes_are_unique_and_sorted_and_say_why():
    assert list(RULES) == sorted(RULES)
    for code, rule in RULES.items():
        assert rule.code == code
        assert rule.summary[0].isupper()
        assert not rule.summary.endswith(".")
        assert rule.why.endswith(".")
        assert not any(code in codes for codes in LEFT_OUT)


def test_codes_of_language_are_rules():
    used = set()
    for module in (ROOT / "runner" / "language").glob("*.py"):
        used |= set(re.findall(r'"(FS\d{3})"', module.read_text(encoding="utf-8")))
    assert used <= set(RULES)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_shipped_spec_lints_clean(path):
    assert [str(found) for found in lint(path)] == []


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_odd_but_valid_specs_raise_no_alarm(path):
    assert [str(found) for found in lint(path, environ={"TEAM": "retail", "SERVER": "sqlite:///x.db"})] == []


def test_rules_valid_specs_report_nothing():
    assert len(VALID) >= 30


def test_rules_wide_space_dimension_is_checked(tmp_path):
    found = judged(tmp_path, "models: {lightgbm: {space: {target: {window: {int: [4, 30], step: 8}}}}}")
    assert [(one.code, one.path) for one in found] == [("FS404", "models.lightgbm.space.target.window.int")]


def test_rules_quoted_number_among_text_choices_warns(tmp_path):
    found = judged(tmp_path, 'models: {catboost: {space: {simple_ctr: {choice: ["1", Borders]}}}}')
    assert [(one.code, one.severity) for one in found] == [("FS003", "warning")]


def test_the_committed_page_of_rules_is_current():
    committed = (ROOT / "docs" / "rules" / "README.md").read_text(encoding="utf-8")
    assert committed == page(), "run-spec lint --rules > docs/rules/README.md"


def test_the_page_has_every_rule_with_both_examples():
    text = page()
    for rule in RULES.values():
        assert f"| [{rule.code}](#{rule.code.lower()}) | {rule.summary} |" in text
        assert f"```yaml\n{rule.bad}\n```" in text
        assert f"```yaml\n{rule.good}\n```" in text


def test_a_rule_explains_itself():
    text = explain("FS402")
    assert text.startswith("FS402 (error): A log range from 0 or below\n\nThere is no logarithm of 0.")
    with pytest.raises(UsageError, match="did you mean FS402"):
        explain("fs402")
