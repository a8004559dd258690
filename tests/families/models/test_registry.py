"""Asking for one kind brings in one library."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("lightgbm", "catboost", "scipy.optimize", "sklearn", "pandas")


def imported(code: str) -> set[str]:
    listing = f"import sys; {code}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import runner.families.models, runner.families.metrics",
        "from runner.families.models import build; build('seasonal_naive', {}, 1)",
        "from runner.families.metrics import build; from runner.members.metrics.registry import metric_from as R;"
        " build(R('mase'), season=1, quantiles=())",
    ],
)
def test_the_families_and_the_baselines_import_nothing_heavy(code: str) -> None:
    assert imported(code) == set()


def test_catboost_does_not_bring_in_lightgbm() -> None:
    assert "lightgbm" not in imported("from runner.families.models import build; build('catboost', {}, 1)")


def test_model_import_leaves_lightgbm_wrappers_usable() -> None:
    code = "import runner.families.models.lightgbm, lightgbm; lightgbm.LGBMRegressor()"
    assert "sklearn" in imported(code)


def test_worker_imports_lightgbm_without_scikit_learn() -> None:
    code = "from runner.families.engines.local import _start_worker; _start_worker(None)"
    assert imported(f"{code}; import runner.families.models.lightgbm") & {"sklearn", "pandas"} == set()
