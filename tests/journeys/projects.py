"""A small project in a folder of its own, and the command line run in it as a user would."""

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
  source: {synthetic: {series: 3, steps: 60, season: 12}}
  series: [series]
  time: time
  target: y
  freq: MS
  covariates: {known: [promo], static: [kind]}
forecast: {horizon: 4, season: 12, quantiles: [0.1, 0.9]}
evaluation:
  metric: wape
  report: [mase, pinball, coverage]
  tuning: {windows: 2}
  test: {windows: 3}
  compare: {}
features: {lags: [1, 2], seasonal_lags: {}}
training: {rounds: {max: 20, chunk: 10, patience: 1}}
models:
  seasonal_naive: {}
  lightgbm:
    params: {min_data_in_leaf: 3}
    space: {learning_rate: {float: [0.05, 0.3]}}
  blend: {of: [lightgbm, seasonal_naive], weights: learnt}
study: {generation: 3, budget: {trials: 4}}
"""


@dataclass
class Done:
    """A finished command."""

    code: int
    out: str
    err: str


@dataclass
class Project:
    """A folder with one spec."""

    root: Path

    @property
    def spec(self) -> Path:
        return self.root / "small.yaml"

    def start(self, *arguments: str, own_group: bool = False, **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "runner", *arguments],
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environ},
            start_new_session=own_group,
        )

    def __call__(self, *arguments: str, **environ: str) -> Done:
        process = self.start(*arguments, **environ)
        out, err = process.communicate(timeout=180)
        assert "Traceback" not in err
        return Done(process.returncode, out, err)

    def runs(self) -> list[Path]:
        return sorted(path for path in (self.root / "results" / "runs" / "small").iterdir() if "." not in path.name)

    def trials(self) -> dict[int, Any]:
        """Number -> record of the only run, without what a clock or a process decides."""
        found = {}
        for file in (self.runs()[0] / "studies").rglob("*.json"):
            for record in _records(json.loads(file.read_text())):
                found[record["number"]] = {k: record[k] for k in ("state", "params", "value", "curve", "rounds")}
        return found

    def document(self) -> Any:
        return json.loads((self.root / "results" / "benchmarks" / "small.json").read_text())


def _records(tree: Any) -> list[Any]:
    """Every trial record in a document, however it is wrapped."""
    if isinstance(tree, dict):
        if "state" in tree and "number" in tree:
            return [tree]
        return [record for value in tree.values() for record in _records(value)]
    return [record for value in tree for record in _records(value)] if isinstance(tree, list) else []
