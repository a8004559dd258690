"""The notebook in `examples/` runs, cell by cell, and is stored without outputs."""

from __future__ import annotations

import ast
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = json.loads((ROOT / "examples" / "quickstart.ipynb").read_text())
CELLS = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


def run_cell(source: str, names: dict[str, Any]) -> Any:
    """Run a cell; the value of its last line, as a notebook shows it."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None


def test_notebook_has_no_outputs() -> None:
    cells = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
    assert [cell["outputs"] or cell["execution_count"] for cell in cells] == [None] * len(cells)


@pytest.mark.slow
def test_notebook_runs_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").touch()
    for folder in ("specs", "examples"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "specs" / "quickstart.yaml", tmp_path / "specs")
    monkeypatch.chdir(tmp_path / "examples")
    names: dict[str, Any] = {}
    shown = [run_cell(source, names) for source in CELLS]
    assert [number for number, value in enumerate(shown) if value is None] == [0]
    assert shown[3]._repr_html_().count("<tr>") == 4
    assert len(shown[-3]) == 8
    assert capfd.readouterr() == ("", "")
