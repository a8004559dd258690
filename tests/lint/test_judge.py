import resource
import subprocess
import sys
from pathlib import Path

import pytest

from runner.errors import UsageError
from runner.lint import lint, lint_paths

ROOT = Path(__file__).parents[2]
HEAVY = {"pandas", "numpy", "mlflow", "optuna", "lightgbm", "catboost", "sklearn", "jsonschema", "altair"}


def test_lint_one_spec_takes_under_half_a_second():
    code = (
        "import sys; from pathlib import Path; from runner.lint import lint; import runner.lint.renderers;"
        "assert not lint(Path(sys.argv[1])); print(*sys.modules)"
    )
    quickest = 9.0  # seconds of processor time: other people's work on the machine is not ours
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-c", code, str(ROOT / "specs" / "walmart.yaml")]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert not HEAVY & set(done.stdout.split())
        quickest = min(quickest, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        if quickest < 0.5:
            break
    assert quickest < 0.5


def test_lint_missing_file_is_a_diagnostic(tmp_path):
    (found,) = lint(tmp_path / "none.yaml")
    assert (found.code, found.span.line) == ("FS015", 1)


def test_overrides_are_linted_too():
    (found,) = lint(ROOT / "specs" / "quickstart.yaml", ["forecast.horizn=3"])
    assert (found.code, found.file) == ("FS010", "--set forecast.horizn")


def test_lint_invalid_spec_reports_no_warnings(tmp_path):
    text = (ROOT / "specs" / "quickstart.yaml").read_text().replace("horizon: 8", "horizon: 0")
    (tmp_path / "a.yaml").write_text(text + "\n")
    assert [found.code for found in lint(tmp_path / "a.yaml", ["evaluation.compare={}"])] == ["FS011"]


def test_a_folder_is_its_specs_without_bases(tmp_path):
    (tmp_path / "_shared").mkdir()
    (tmp_path / "sub").mkdir()
    for name in ("_shared/base.yaml", "sub/b.yml", "a.yaml", ".hidden.yaml", "notes.txt"):
        (tmp_path / name).write_text("a: [")
    assert [Path(found.file).name for found in lint_paths([tmp_path, tmp_path / "a.yaml"])] == ["a.yaml", "b.yml"]


def test_lint_shared_base_problem_is_reported_once(tmp_path):
    (tmp_path / "_base.yaml").write_text("forecast: {horizn: 3}\n")
    text = (ROOT / "specs" / "quickstart.yaml").read_text()
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("extends: _base.yaml\n" + text)
    assert [found.code for found in lint_paths([tmp_path])] == ["FS010"]


def test_lint_two_specs_of_one_name_warns(tmp_path):
    text = (ROOT / "specs" / "quickstart.yaml").read_text()
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(text)
    (found,) = lint_paths([tmp_path, tmp_path / "a.yaml"])
    assert (found.code, found.severity, found.path, Path(found.file).name) == ("FS608", "warning", "name", "b.yaml")
    assert f"`{tmp_path / 'a.yaml'}` has the name `quickstart` too" in found.message
    assert lint_paths([tmp_path / "b.yaml"]) == ()


def test_lint_one_name_in_two_projects_passes(tmp_path, monkeypatch):
    text = (ROOT / "specs" / "quickstart.yaml").read_text()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").touch()
        (tmp_path / name / "a.yaml").write_text(text)
    monkeypatch.chdir(tmp_path / "one")
    assert lint_paths([tmp_path / "one", tmp_path / "two", Path("a.yaml")]) == ()


def test_lint_shared_name_with_reason_is_ignored(tmp_path):
    text = (ROOT / "specs" / "quickstart.yaml").read_text()
    (tmp_path / "a.yaml").write_text(text)
    ignored = text.replace("name: quickstart", "name: quickstart  # lint: ignore[FS608] the successor of a.yaml")
    (tmp_path / "b.yaml").write_text(ignored)
    assert lint_paths([tmp_path]) == lint(tmp_path / "b.yaml") == ()


def test_lint_folder_without_specs_raises_usage_error(tmp_path):
    with pytest.raises(UsageError, match="no specs"):
        lint_paths([tmp_path])
