import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from runner.errors import Diagnostic, Span
from runner.lint.document import as_json, diagnostics_schema
from runner.lint.renderers import concise, github, render, summary, text
from runner.lint.texts import read_source

ROOT = Path(__file__).parents[2]
SPEC = "name: sound\nmodels:\n  lightgbm: {space: {num_leaves: {int: [7, 127], lo: true}}}\n"
UNKNOWN = Diagnostic(
    "FS010", "unknown key `lo`", "specs/a.yaml", Span(3, 50, 3, 52), "models.lightgbm.space.num_leaves.lo",
    "did you mean `log`?",
)  # fmt: skip
WIDE = Diagnostic("FS405", "drawn evenly, 50% of, draws\nare high", "b:,%.yaml", Span(1, 1, 2, 5), severity="warning")


def test_text_shows_line_caret_and_hint():
    assert text([UNKNOWN], lambda _: SPEC) == (
        "error[FS010] models.lightgbm.space.num_leaves.lo: unknown key `lo`\n"
        "  --> specs/a.yaml:3:50\n"
        "   |\n"
        " 3 |   lightgbm: {space: {num_leaves: {int: [7, 127], lo: true}}}\n"
        "   |                                                  ^^\n"
        "   = hint: did you mean `log`?\n"
        "\n"
        "1 error\n"
    )


def test_text_without_a_source_has_no_snippet():
    assert text([UNKNOWN], lambda _: None).count("\n") == 5


def test_text_long_span_marks_first_line():
    shown = text([WIDE], lambda _: "models:\n  x\n")
    assert " 1 | models:\n   | ^^^^^^^\n" in shown


def test_text_long_line_shows_part_around_place():
    found = Diagnostic("FS001", "m", "a", Span(1, 5000, 1, 5003))
    shown = text([found], lambda _: "x" * 4999 + "bad" + "y" * 5000)
    line, carets = shown.splitlines()[3:5]
    assert len(line) < 200
    assert line[carets.index("^") :].startswith("bad")


def test_colours_only_when_asked():
    assert "\x1b" not in text([UNKNOWN], lambda _: SPEC)
    assert "\x1b[1;31m" in text([UNKNOWN], lambda _: SPEC, colour=True)


def test_a_snippet_steers_no_terminal():
    assert "\x1b" not in text([UNKNOWN], lambda _: "\n\n\x1b[2J bad\t\u202e")


def test_concise_is_one_line_a_problem():
    assert concise([UNKNOWN]) == (
        "specs/a.yaml:3:50: FS010 models.lightgbm.space.num_leaves.lo: unknown key `lo`; hint: did you mean `log`?\n"
    )


def test_the_committed_schema_of_diagnostics_is_current():
    committed = json.loads((ROOT / "schemas" / "diagnostics.v1.schema.json").read_text())
    assert committed == diagnostics_schema(), "run-spec schema schemas"


def test_json_fits_its_committed_schema():
    schema = json.loads((ROOT / "schemas" / "diagnostics.v1.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    document = json.loads(as_json([UNKNOWN, WIDE]))
    Draft202012Validator(schema).validate(document)
    assert (document["errors"], document["warnings"]) == (1, 1)
    assert document["diagnostics"][0]["line"] == 3


def test_github_annotates_line_and_escapes_text():
    assert github([WIDE]) == (
        "::warning file=b%3A%2C%25.yaml,line=1,col=1,title=FS405::drawn evenly, 50%25 of, draws%0Aare high\n"
    )
    assert github([UNKNOWN]).startswith("::error file=specs/a.yaml,line=3,col=50,endColumn=52,title=FS010::models.")


def test_the_summary_counts():
    assert summary([]) == "no problems found"
    assert summary([UNKNOWN, WIDE, WIDE]) == "1 error, 2 warnings"


@given(
    st.text(max_size=300),
    st.builds(Span, st.integers(1, 9), st.integers(1, 400), st.integers(1, 9), st.integers(1, 400)),
)
def test_any_source_and_span_can_be_shown(source, span):
    found = Diagnostic("FS001", "m", "a", span)
    assert text([found], lambda _: source).endswith("1 error\n")


@pytest.mark.parametrize("name", ["--set a.b", "none.yaml", "", "\0"])
def test_what_is_no_file_has_no_source(name):
    assert read_source(name) is None


def test_a_file_is_its_own_source(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: \xff")
    assert read_source(str(tmp_path / "a.yaml")) == "a: \ufffd"


@pytest.mark.parametrize("format", ["text", "concise", "json", "github", "sarif"])
def test_render_any_format_has_code_without_newline(format):
    shown = render([UNKNOWN], format)
    assert "FS010" in shown
    assert not shown.endswith("\n")
