import pytest
from lint_worlds import SOUND

from runner.errors import UsageError
from runner.lint import lint, lint_paths
from runner.lint.policy import Policy, read_policy

TWO = SOUND + "evaluation: {compare: {}, test: {windows: 2, step: 3}}\n"
BROKEN = SOUND.replace("horizon: 13", "horizn: 13")


def codes(path, **policy):
    return [(found.code, found.severity) for found in lint(path, policy=Policy(**policy))]


@pytest.fixture
def spec(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "a.yaml").write_text(TWO)
    return tmp_path / "a.yaml"


def configured(spec, text):
    (spec.parent / "pyproject.toml").write_text(f"[tool.run-spec.lint]\n{text}\n")
    return [(found.code, found.severity) for found in lint_paths([spec])]


def test_everything_is_judged_by_default(spec):
    assert codes(spec) == [("FS304", "warning"), ("FS303", "warning")]


@pytest.mark.parametrize(
    ("select", "ignore", "left"),
    [
        (("FS303",), (), ["FS303"]),
        (("FS",), ("FS303",), ["FS304"]),
        (("FS",), ("FS3",), []),
        (("FS", "FS304"), ("FS3",), ["FS304"]),
        (("FS4",), (), []),
        (("FS303",), ("FS303",), []),
    ],
)
def test_the_longer_beginning_of_a_code_decides(spec, select, ignore, left):
    assert [code for code, _ in codes(spec, select=select, ignore=ignore)] == left


def test_strict_makes_warnings_errors(spec):
    assert {severity for _, severity in codes(spec, strict=True)} == {"error"}


def test_the_project_sets_severities_and_selection(spec):
    assert configured(spec, 'severity = {FS3 = "info", FS303 = "error"}') == [("FS304", "info"), ("FS303", "error")]
    assert configured(spec, 'ignore = ["FS304"]') == [("FS303", "warning")]
    assert configured(spec, 'select = ["FS304"]') == [("FS304", "warning")]


def test_policy_never_hides_an_invalid_spec(spec):
    spec.write_text(BROKEN)
    assert [code for code, _ in codes(spec, select=("FS3",), ignore=("FS010",))] == ["FS010"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('selct = ["FS3"]', "has no key `selct`"),
        ('select = "FS3"', "must be a list of codes"),
        ("ignore = [3]", "must be a list of codes"),
        ('ignore = ["FS777"]', "no rule has the code 'FS777'"),
        ('ignore = ["E501"]', "no rule has the code 'E501'"),
        ('severity = {FS303 = "fatal"}', "must give codes one of"),
    ],
)
def test_policy_malformed_table_raises_with_address(spec, text, words):
    (spec.parent / "pyproject.toml").write_text(f"[tool.run-spec.lint]\n{text}\n")
    with pytest.raises(UsageError, match=r"tool\.run-spec\.lint") as caught:
        read_policy(spec.parent)
    assert words in str(caught.value)


def test_policy_narrowed_replaces_select_and_extends_ignore():
    policy = Policy(select=("FS3",), ignore=("FS304",)).narrowed(["FS4"], ["FS405"], strict=True)
    assert (policy.select, policy.ignore, policy.strict) == (("FS4",), ("FS304", "FS405"), True)
    assert Policy(select=("FS3",)).narrowed([], [], strict=False).select == ("FS3",)
