"""A real run in a real store holds every line of the table in docs/tracking.md."""

from __future__ import annotations

import importlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from forecast_worlds import SPEC, finish

from runner.files.atomic import write_bytes
from runner.report.artifacts import make
from runner.results.document import BenchmarkDocument
from runner.run.plan_text import plan_document
from runner.store.run_facts import run_facts
from runner.track.delivery import deliver, prepare_delivery
from runner.values.section import as_values

DOCS = Path(__file__).parents[3] / "docs"
TEXT = SPEC.replace("tracking: {register: best}", "tracking: {register: best, tags: {team: retail}}").replace(
    "name: small\n", "name: small\ndescription: Shops.\n"
)


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        yield importlib.import_module("make_tracking")


def _git(root: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


@pytest.mark.slow
def test_a_run_holds_every_line_of_the_table(script: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", "pyproject.toml")
    _git(tmp_path, "commit", "-q", "-m", "begin")
    world = finish(tmp_path, TEXT)
    folder = world.session.folder
    folder.write_document("plan", plan_document(world.plan))
    document = BenchmarkDocument.model_validate(as_values(folder.document("benchmark")))
    for name, content in make(run_facts(folder, document), lambda name: True).items():
        write_bytes(folder.path / name, content)
    delivery = prepare_delivery(folder, world.session.store)
    assert delivery is not None
    assert deliver(delivery).pending == 0
    made = script.table(script.held(tmp_path, "small"))
    assert made.count("\n") == 2 + len(script.LINES)


def test_preview_shows_the_requested_lines(script: ModuleType) -> None:
    page = (DOCS / "tracking.md").read_text("utf-8")
    table = page.partition(script.BEGIN)[2].partition(script.END)[0]
    rows = [re.split(r"(?<!\\) \| ", line.removeprefix("| ").removesuffix(" |")) for line in table.splitlines()[2:]]
    assert [tuple(row[:2]) for row in rows] == [line[:2] for line in script.LINES]
