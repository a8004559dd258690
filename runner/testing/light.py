"""What the light half of every member promises."""

from __future__ import annotations

import subprocess
import sys

from runner.members.family import Family

_HEAVY = ("numpy", "pandas", "pyarrow", "scipy", "lightgbm", "catboost", "optuna", "mlflow")


class LightMember:
    """Subclass with the fixtures `family` and `kind`."""

    def test_member_has_its_name_and_a_sentence(self, family: Family, kind: str) -> None:
        member = family[kind]
        assert member.name == kind
        assert member.about.endswith(".")

    def test_name_is_not_taken_by_a_builtin(self, family: Family, kind: str) -> None:
        assert kind in family.builtins or kind in family.plugins()

    def test_light_half_imports_nothing_heavy(self, family: Family, kind: str) -> None:
        code = (
            "import sys; from runner.members.registry import FAMILIES; "
            f"FAMILIES[{family.name!r}][{kind!r}]; "
            f"print(*[name for name in {_HEAVY!r} if name in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.split() == []

    def test_heavy_half_can_be_loaded(self, family: Family, kind: str) -> None:
        assert callable(family[kind].implementation())
