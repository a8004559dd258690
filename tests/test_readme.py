"""What the README shows is what the program does."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest

import runner
from runner.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
UPDATE = "run `python docs/make_readme.py`"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_readme", ROOT / "docs" / "make_readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["commands", "exit codes", "fields"])
def test_a_table_is_what_the_program_defines(maker: ModuleType, name: str) -> None:
    assert maker.shown(README)[name].strip() == maker.BLOCKS[name]().strip(), UPDATE


@pytest.mark.slow
def test_the_transcript_is_what_the_quickstart_prints(maker: ModuleType) -> None:
    assert maker.settled(maker.shown(README)["transcript"]) == maker.settled(maker.transcript()), UPDATE


@pytest.mark.slow
def test_the_smallest_spec_lints_clean_and_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    spec = tmp_path / "demo.yaml"
    spec.write_text(block)
    assert main(["lint", str(spec)]) == 0
    assert main(["run", str(spec)]) == 0
    assert "better than the baseline seasonal_naive" in capsys.readouterr().out


def test_the_commands_of_the_shell_block_are_targets_of_the_makefile() -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {line.split()[1] for line in block.strip().splitlines()} <= set(targets)


def test_every_public_name_is_in_the_readme_and_no_other() -> None:
    assert set(re.findall(r"`runner\.(\w+)`", README)) == set(runner.__all__)
    assert all(getattr(runner, name) is not None for name in runner.__all__)


def test_every_file_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\((?!http|#)([^)]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.slow
def test_python_block_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "specs").mkdir()
    shutil.copy(ROOT / "specs" / "quickstart.yaml", tmp_path / "specs")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(block, names)
    assert repr(names["run"]).startswith("<Run quickstart ")
