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


def test_a_base_is_read_at_its_revision_too(project: Path) -> None:
    assert read_side("HEAD:specs/a.yaml").document.spec.evaluation.test.windows == 3
    assert read_side("specs/a.yaml").document.spec.evaluation.test.windows == 5


def test_a_path_may_count_from_here(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "specs")
    assert read_side("HEAD:./a.yaml").document.spec.name == "sound"


def test_the_difference_names_files_as_people_know_them(project: Path) -> None:
    comparison = compare(read_side("HEAD:specs/a.yaml"), read_side("specs/a.yaml"))
    text = as_text(comparison)
    assert "evaluation.test.windows  3 -> 5  specs/_shared/base.yaml:3" in text
    assert "because of evaluation.test (judged by the spec alone, as the data is not in this project)" in text
    assert "adds 2 (cutoff 65, 52 steps before the end, 13 steps scored); 3 stay" in text
    (change,) = as_document(comparison)["changes"]
    assert change["before_at"] == "HEAD:specs/_shared/base.yaml:3"


def test_nothing_is_said_to_change_where_nothing_does(project: Path) -> None:
    comparison = compare(read_side("HEAD:specs/a.yaml"), read_side("HEAD:specs/a.yaml"))
    assert as_text(comparison).endswith("no difference in meaning")
    assert as_document(comparison)["same"] is True


def test_a_grown_budget_goes_on_with_the_run(project: Path) -> None:
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
def test_what_is_not_there_is_a_sentence(project: Path, argument: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_side(argument)


def test_an_option_is_never_taken_for_a_revision(project: Path) -> None:
    with pytest.raises((UsageError, SpecError)):
        read_side("--output=x:specs/a.yaml")
    assert not (project / "x").exists()


def test_a_mistake_in_an_old_spec_is_shown_at_its_revision(project: Path) -> None:
    (project / "specs" / "a.yaml").write_text(SPEC.replace("target", "tarjet"))
    git(project, "commit", "-qam", "broken")
    with pytest.raises(SpecError) as caught:
        read_side("HEAD:specs/a.yaml")
    assert caught.value.diagnostics[0].file == "HEAD:specs/a.yaml"


def test_outside_a_repository_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="in no git repository"):
        read_side("HEAD:specs/a.yaml")
