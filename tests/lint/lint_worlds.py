"""A project with a sound spec, and data that break one rule each."""

from __future__ import annotations

import hashlib
import math
from datetime import date, timedelta
from pathlib import Path

from runner.data.checks import check_data
from runner.errors import Diagnostic
from runner.lint import lint, lint_paths
from runner.lint.policy import Policy
from runner.lint.registry import RULES

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").glob("*.yaml"))
SOUND = """\
version: 1
name: sound
data:
  source: {synthetic: {}}
  series: [series]
  time: time
  target: y
  freq: W-SUN
  covariates: {known: [promo], static: [kind]}
forecast: {horizon: 13}
models: {seasonal_naive: {}}
"""
RULES_WITH_FIX = [rule for rule in RULES.values() if rule.fixable]
ENVIRON = {"HORIZON": "13", "WORDS": "said elsewhere"}
WEEKS = [date(2022, 1, 2) + timedelta(weeks=week) for week in range(120)]
Row = tuple[object, ...]


def sales(last: int = 120) -> list[Row]:
    """Two series, A and B, of weeks."""
    return [
        (name, WEEKS[week], round(100 + 10 * math.sin(week / 8) + week % 7, 3)) for name in "AB" for week in range(last)
    ]


def _files() -> dict[str, tuple[str, list[Row]]]:
    plain = sales()
    planned = [(name, WEEKS[-1] + timedelta(weeks=1 + n), "", n) for name in "AB" for n in range(13)]
    return {
        "sales.csv": ("series,time,y", plain),
        "twice.csv": ("series,time,y", [*plain, plain[5]]),
        "gaps.csv": ("series,time,y", plain[:40] + plain[43:]),
        "text.csv": ("series,time,y", [*plain[:-1], ("B", WEEKS[-1], "many")]),
        "flat.csv": ("series,time,y", [(name, week, 7 if name == "B" else y) for name, week, y in plain]),
        "moves.csv": ("series,time,y,kind", [(*row, row[1].year - 2022) for row in plain]),  # type: ignore[attr-defined]
        "untracked.csv": ("series,time,y", plain),
        "altered.csv": ("series,time,y", plain),
        "promo.csv": ("series,time,y,promo", [(*row, week % 2) for week, row in enumerate(plain)]),
        "copy.csv": ("series,time,y,double", [(*row, 2 * row[2]) for row in plain] + planned),  # type: ignore[operator]
        "zeros.csv": ("series,time,y", [(*row[:2], 0 if i % 4 else row[2]) for i, row in enumerate(plain)]),
        "ended.csv": ("series,time,y", plain + [("C", week, 5 + n % 3) for n, week in enumerate(WEEKS[:20])]),
    }


def make_project(folder: Path, *, data: bool = False) -> Path:
    """A project root with a base; with data files, all but one of which DVC tracks."""
    (folder / "pyproject.toml").write_text(f"[tool.run-spec]\nenv = {list(ENVIRON)}\n")
    (folder / "base.yaml").write_text(SOUND)
    if data:
        (folder / ".dvc").mkdir()
        for name, (head, rows) in _files().items():
            content = "".join(f"{','.join(map(str, row))}\n" for row in [(head,), *rows])
            (folder / name).write_text(content)
            if name != "untracked.csv":
                digest = "0" * 32 if name == "altered.csv" else hashlib.md5(content.encode()).hexdigest()
                (folder / f"{name}.dvc").write_text(f"outs:\n- md5: {digest}\n  hash: md5\n  path: {name}\n")
    return folder


def write_spec(folder: Path, example: str) -> Path:
    """A spec that lays a fragment over the sound one."""
    head = "" if example.startswith("extends:") else "extends: [base.yaml]\n"
    path = folder / "spec.yaml"
    path.write_text(head + example + "\n")
    return path


def beside_another(folder: Path, example: str, *, ignore: tuple[str, ...] = ("FS016",)) -> tuple[Diagnostic, ...]:
    """What the linter says of a fragment laid over the sound spec, when both are named in one call."""
    make_project(folder)
    return lint_paths([folder / "base.yaml", write_spec(folder, example)], lambda _: Policy(ignore=ignore))


def judged(
    folder: Path, example: str, *, data: bool = False, ignore: tuple[str, ...] = ("FS016",)
) -> tuple[Diagnostic, ...]:
    """What the linter says of a fragment laid over the sound spec, or of an override of it.

    Fragments show keys that say what the sound spec says already.
    """
    if not (folder / "base.yaml").exists():
        make_project(folder, data=data)
    if example.startswith("--set "):
        return lint(folder / "base.yaml", [example.removeprefix("--set ")], {})
    return lint(
        write_spec(folder, example),
        environ=ENVIRON,
        policy=Policy(ignore=ignore),
        check_data=check_data if data else None,
    )
