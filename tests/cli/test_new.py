"""`run-spec new`: the spec that it writes lints clean, fits its data and runs; nothing is overwritten."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from runner.cli import main
from runner.language.parse import parse
from runner.lint import lint

COLUMNS = "shop,day,sold,promo,rain\n"


def rows(shops: int = 2, days: int = 120) -> str:
    """Daily sales of shops with a weekly wave; `rain` is measured."""
    lines = []
    for shop in range(shops):
        for day in range(days):
            date = f"2021-{1 + day // 28:02}-{1 + day % 28:02}"
            lines.append(
                f"s{shop},{date},{20 + 5 * shop + 3 * (day % 7) + day % 3}.5,{int(day % 9 == 0)},{day * 7 % 11}"
            )
    return COLUMNS + "\n".join(lines) + "\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a data file and a folder of specs."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "specs").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "shops.csv").write_text(rows())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_new_writes_a_clean_spec_into_specs(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "data/shops.csv", "--yes"]) == 0
    path = project / "specs" / "shops_sold.yaml"
    assert lint(path) == ()
    spec = parse(path).spec
    assert (spec.data.series, spec.data.target, spec.data.covariates.known) == (("shop",), "sold", ("promo",))
    assert "target    sold" in capsys.readouterr().out


def test_new_explains_every_guess(project: Path) -> None:
    main(["new", "data/shops.csv", "--yes"])
    text = (project / "specs" / "shops_sold.yaml").read_text()
    assert all(len(line) <= 120 for line in text.splitlines())
    assert "known: [promo]                             # planned, as its name says" in text


@pytest.mark.slow
def test_new_writes_a_spec_that_runs(project: Path) -> None:
    assert main(["new", "data/shops.csv", "--yes"]) == 0
    small = [f"--set={one}" for one in ("study.budget.trials=1", "run.workers=1", "training.rounds.max=20")]
    command = [sys.executable, "-m", "runner", "run", "specs/shops_sold.yaml", "--quiet", *small]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr
    assert "seasonal_naive (baseline)" in done.stdout


def test_new_overwrites_a_spec_with_force_only(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "mine.yaml"
    path.write_text("mine")
    assert main(["new", "data/shops.csv", "--yes", "-o", "mine.yaml"]) == 2
    assert path.read_text() == "mine"
    assert "the file exists" in capsys.readouterr().err
    assert main(["new", "data/shops.csv", "--yes", "-o", "mine.yaml", "--force"]) == 0
    assert parse(path).spec.data.target == "sold"


def test_new_with_data_outside_the_project_raises(
    project: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path_factory.mktemp("elsewhere") / "shops.csv"
    outside.write_text(rows())
    assert main(["new", str(outside), "--yes"]) == 2
    assert "copy it to" in capsys.readouterr().err
    (project / "pyproject.toml").write_text(f'[tool.run-spec]\ndata_roots = ["{outside.parent}"]\n')
    assert main(["new", str(outside), "--yes"]) == 0


def test_new_options_replace_the_questions(project: Path) -> None:
    assert main(["new", "data/shops.csv", "--yes", "--target", "rain", "--horizon", "5", "-o", "x.yaml"]) == 0
    spec = parse(project / "x.yaml").spec
    assert (spec.data.target, spec.forecast.horizon) == ("rain", 5)


def test_new_with_an_unknown_column_returns_2(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "data/shops.csv", "--yes", "--target", "sould"]) == 2
    assert "there is no column `sould` to choose; hint: sold, rain" in capsys.readouterr().err
    assert list((project / "specs").iterdir()) == []


class Terminal(io.StringIO):
    """Text that is typed at a terminal."""

    def isatty(self) -> bool:
        return True


def test_prompt_takes_an_empty_line_as_guess(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal("\n\nnonsense\nsold\n-\n6\n"))
    monkeypatch.setattr(sys, "stdout", screen)
    assert main(["new", "data/shops.csv", "-o", "x.yaml"]) == 0
    assert "Which column is to be forecast? [sold]" in screen.getvalue()
    assert "there is no column `nonsense`" in screen.getvalue()
    spec = parse(project / "x.yaml").spec
    assert (spec.data.covariates.known, spec.forecast.horizon) == ((), 6)


def test_new_with_a_wide_table_suggests_melt(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header = ",".join(f"V{i}" for i in range(1, 40))
    (project / "data" / "wide.csv").write_text(header + "\nW1," + ",".join("7" * 38) + "\n")
    assert main(["new", "data/wide.csv", "--yes"]) == 1
    said = capsys.readouterr().err
    assert "this is a wide table" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("names", "time"),
    [
        ([f"V{week}" for week in range(2, 62)], {"integer": "step"}),
        ([f"week {week}" for week in range(1, 61)], {"integer": "step"}),
        ([f"{2020 + month // 12}-{1 + month % 12:02}-01" for month in range(60)], "date"),
    ],
)
def test_suggested_melt_makes_a_readable_table(
    project: Path, capsys: pytest.CaptureFixture[str], names: list[str], time: object
) -> None:
    ids = [f"{level}_id" for level in "abcdef"]
    lines = [",".join([*(f"{name[0]}{shop}" for name in ids), *(f"{shop * 9 + step % 7}.5" for step in range(60))])
             for shop in range(1, 4)]  # fmt: skip
    (project / "data" / "wide.csv").write_text("\n".join([",".join([*ids, *names]), *lines]) + "\n")
    assert main(["new", "data/wide.csv", "--yes"]) == 1
    line = capsys.readouterr().err.split("`")[1]
    long = eval(line, {"table": pd.read_csv("data/wide.csv")})
    assert len(long) == 3 * 60
    long.to_csv("data/long.csv", index=False)
    assert main(["new", "data/long.csv", "--yes", "--target", "y", "-o", "specs/long.yaml"]) == 0
    text = (project / "specs" / "long.yaml").read_text()
    assert parse(project / "specs" / "long.yaml").spec.data.model_dump(mode="json")["time"] == time
    assert ("integer time has no calendar: weekly data may want 52" in text) == isinstance(time, dict)
