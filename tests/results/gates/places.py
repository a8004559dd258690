"""A small project whose runs cost next to nothing, and the command line run in it as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SPEC = """\
version: 1
name: small
data:
  source: {synthetic: {series: 3, steps: 60, season: 12, seed: 1}}
  series: [series]
  time: time
  target: y
  freq: MS
  covariates: {known: [promo], static: [kind]}
forecast: {horizon: 4, season: 12}
evaluation: {tuning: {windows: 1}, test: {windows: 2}, baseline: naive}
models: {naive: {}, seasonal_naive: {}}
run: {workers: 1}
gates:
  - {metric: wape, better_than: naive, by: 1%}
  - {metric: wape, not_worse_than: champion, tolerance: 1%}
"""


@dataclass
class Done:
    """A finished command."""

    code: int
    out: str
    err: str


@dataclass
class Place:
    """A folder with one spec."""

    root: Path

    def __call__(self, *arguments: str, **environ: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "runner", *arguments],
            cwd=self.root, capture_output=True, text=True, env={**os.environ, **environ}, timeout=180,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def write(self, text: str) -> None:
        (self.root / "small.yaml").write_text(text)

    def document(self) -> Any:
        return json.loads((self.root / "results" / "benchmarks" / "small.json").read_text())


def make(folder: Path, text: str = SPEC) -> Place:
    """A project in a folder of its own."""
    (folder / "pyproject.toml").write_text("")
    place = Place(folder)
    place.write(text)
    return place
