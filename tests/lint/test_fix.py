import pytest
from hypothesis import given
from hypothesis import strategies as st
from lint_worlds import RULES_WITH_FIX, SOUND, judged

from runner.errors import Diagnostic, Edit, Span
from runner.lint import lint
from runner.lint.fix import as_diff, edited, fix_files

SPEC = """\
extends: [base.yaml]   # the common part
forecast:
  horizon: 13
  gap: 1               # a week to deliver

features: {ids: yes}   # 1
models:
  lightgbm:
    params: {max_bin:   "63"  , learning_rate: '0.1'}
    space: {num_leaves: {int: [8, 30], step: 8}}
"""
MENDED = """\
extends: [base.yaml]   # the common part
forecast:
  gap: 1               # a week to deliver

features: {ids: true}   # 1
models:
  lightgbm:
    params: {max_bin:   63  , learning_rate: 0.1}
    space: {num_leaves: {int: [8, 24], step: 8}}
"""


def fixed(path):
    """The spec with all fixes made, look after look, and what is still found."""
    for _ in range(5):
        found = lint(path, environ={})
        changes = fix_files(found)
        if not changes:
            break
        for change in changes:
            path.write_bytes(change.after)
    return path.read_bytes(), found


@pytest.mark.parametrize(("mark", "newline"), [("", "\n"), ("\ufeff", "\n"), ("", "\r\n"), ("\ufeff", "\r\n")])
def test_fix_mistakes_keeps_comments_and_layout(tmp_path, mark, newline):
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "base.yaml").write_text(SOUND)
    path = tmp_path / "a.yaml"
    path.write_bytes((mark + SPEC.replace("\n", newline)).encode())
    content, left = fixed(path)
    assert content.decode() == mark + MENDED.replace("\n", newline)
    assert left == ()


@pytest.mark.parametrize("rule", RULES_WITH_FIX, ids=lambda rule: rule.code)
def test_fix_fixable_rule_fixes_its_bad_example(tmp_path, rule):
    judged(tmp_path, rule.bad)
    _, left = fixed(tmp_path / "spec.yaml")
    assert rule.code not in {found.code for found in left}


def test_fix_repeated_key_keeps_comment(tmp_path):
    found = judged(tmp_path, "forecast:\n  horizon: 13  # a quarter\n  gap: 1", ignore=())
    assert [(one.code, one.fix) for one in found] == [("FS016", ())]


def test_fix_last_key_of_map_stays(tmp_path):
    found = judged(tmp_path, "forecast:\n  horizon: 13", ignore=())
    assert [(one.code, one.fix) for one in found] == [("FS016", ())]


def test_fix_needless_code_keeps_rest_of_comment(tmp_path):
    for before, after in (
        ("forecast: {season: 52}  # lint: ignore[FS302] why\n", "forecast: {season: 52}\n"),
        ("# lint: ignore[FS302] why\nforecast: {season: 52}\n", "forecast: {season: 52}\n"),
        ("forecast: {season: 10} # lint: ignore[FS302,FS304] why\n",
         "forecast: {season: 10} # lint: ignore[FS302] why\n"),
    ):  # fmt: skip
        judged(tmp_path, before)
        content, left = fixed(tmp_path / "spec.yaml")
        assert content.decode() == f"extends: [base.yaml]\n{after}\n"
        assert {found.code for found in left} <= {"FS016"}


def test_diff_of_fix_changes_no_file(tmp_path):
    found = judged(tmp_path, "features: {ids: yes}")
    before = (tmp_path / "spec.yaml").read_text()
    diff = as_diff(fix_files(found))
    assert "-features: {ids: yes}\n+features: {ids: true}\n" in diff
    assert (tmp_path / "spec.yaml").read_text() == before


def test_fix_overlapping_edits_makes_the_first(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("abcdef\n")
    spans = [Span(1, 1, 1, 4), Span(1, 3, 1, 6)]
    found = [Diagnostic("FS003", "m", str(path), span, fix=(Edit(span, "-"),)) for span in spans]
    (change,) = fix_files(found)
    assert (change.after, change.count) == (b"-def\n", 1)


def test_fix_override_changes_no_file():
    span = Span(1, 1, 1, 2)
    assert fix_files([Diagnostic("FS003", "m", "--set a.b", span, fix=(Edit(span, "x"),))]) == ()


@given(st.text(alphabet="ab#\n\r\u00e9", max_size=40), st.data())
def test_an_edit_changes_nothing_outside_of_its_span(text, data):
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    line = data.draw(st.integers(1, len(lines)))
    start = data.draw(st.integers(1, len(lines[line - 1]) + 1))
    end = data.draw(st.integers(start, len(lines[line - 1]) + 1))
    result = edited(text, [Edit(Span(line, start, line, end), "NEW")])
    before, _, after = result.partition("NEW")
    assert text.startswith(before)
    assert text.endswith(after)
    assert len(before) + len(after) + (end - start) == len(text)
