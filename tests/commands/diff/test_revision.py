"""A spec of another revision is read with the bases it had there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from runner.commands.diff.compare import compare
from runner.commands.diff.narrative import as_document, as_markdown, as_text
from runner.commands.diff.revision import read_side
from runner.errors import SpecError, UsageError

BASE = "version: 1\nforecast: {horizon: 13}\nevaluation: {test: {windows: 3}}\n"
SPEC = """\
extends: [_shared/base.yaml]
name: sound
data: {source: {csv: absent.csv}, series: [series], time: time, target: y, freq: W-SUN}
models: {seasonal_naive: {}, lightgbm: {space: {num_leaves: {int: [4, 31]}}}}
study: {budget: {trials: 20}}
"""


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit; the base is changed since."""
    (tmp_path / "specs" / "_shared").mkdir(parents=True)
    (tmp_path / "specs" / "_shared" / "base.yaml").write_text(BASE)
    (tmp_path / "specs" / "a.yaml").write_text(SPEC)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    (tmp_path / "specs" / "_shared" / "base.yaml").write_text(BASE.replace("windows: 3", "windows: 5"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_read_side_reads_bases_at_the_revision(project: Path) -> None:
    assert read_side("HEAD:specs/a.yaml").document.spec.evaluation.test.windows == 3
    assert read_side("specs/a.yaml").document.spec.evaluation.test.windows == 5


def test_read_side_accepts_relative_paths(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "specs")
    assert read_side("HEAD:./a.yaml").document.spec.name == "sound"


def test_diff_names_files_by_revision(project: Path) -> None:
    comparison = compare(read_side("HEAD:specs/a.yaml"), read_side("specs/a.yaml"))
    text = as_text(comparison)
    assert "evaluation.test.windows  3 -> 5  specs/_shared/base.yaml:3" in text
    assert "because of evaluation.test (judged by the spec alone, as the data is not in this project)" in text
    assert "adds 2 (cutoff 65, 52 steps before the end, 13 steps scored); 3 stay" in text
    (change,) = as_document(comparison)["changes"]
    assert change["before_at"] == "HEAD:specs/_shared/base.yaml:3"


def test_diff_of_equal_specs_is_empty(project: Path) -> None:
    comparison = compare(read_side("HEAD:specs/a.yaml"), read_side("HEAD:specs/a.yaml"))
    assert as_text(comparison).endswith("no difference in meaning")
    assert as_document(comparison)["same"] is True


def test_diff_of_a_larger_budget_continues_the_run(project: Path) -> None:
    (project / "specs" / "b.yaml").write_text(SPEC.replace("trials: 20", "trials: 30"))
    comparison = compare(read_side("specs/a.yaml"), read_side("specs/b.yaml"))
    told = as_markdown(comparison)
    assert "| `study.budget.trials` | `20` | `30` | specs/b.yaml:5 |" in told
    assert "- **study lightgbm**: continues: 10 more trials, 30 in all" in told
    assert "the same run id" in told


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("HEAD:specs/none.yaml", "no such file in that revision"),
        ("nothing:specs/a.yaml", "git knows no revision `nothing`"),
        ("HEAD:../../etc/passwd", "outside the repository"),
    ],
)
def test_read_side_of_an_absent_file_raises(project: Path, argument: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_side(argument)


def test_read_side_refuses_an_option_as_revision(project: Path) -> None:
    with pytest.raises((UsageError, SpecError)):
        read_side("--output=x:specs/a.yaml")
    assert not (project / "x").exists()


def test_read_side_shows_mistakes_at_the_revision(project: Path) -> None:
    (project / "specs" / "a.yaml").write_text(SPEC.replace("target", "tarjet"))
    git(project, "commit", "-qam", "broken")
    with pytest.raises(SpecError) as caught:
        read_side("HEAD:specs/a.yaml")
    assert caught.value.diagnostics[0].file == "HEAD:specs/a.yaml"


def test_read_side_outside_a_repository_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="in no git repository"):
        read_side("HEAD:specs/a.yaml")
