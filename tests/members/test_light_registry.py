"""The light halves of all members together import nothing heavy."""

from __future__ import annotations

import subprocess
import sys

from runner.members.registry import FAMILIES


def test_registry_imports_nothing_heavy() -> None:
    heavy = ("numpy", "pandas", "pyarrow", "scipy", "lightgbm", "catboost", "optuna", "mlflow")
    code = f"import sys, runner.members.registry; print(*[name for name in {heavy!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


def test_every_member_has_a_sentence() -> None:
    for family in FAMILIES.values():
        assert all(member.about.endswith(".") for member in family), family.name
