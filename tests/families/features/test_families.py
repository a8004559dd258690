import subprocess
import sys
from typing import get_args

import pytest

from runner.families.features.dates import PARTS
from runner.families.features.profile import PROFILES
from runner.families.features.registry import FAMILIES, family
from runner.families.features.rolling import STATISTICS
from runner.families.features.scaling import LEVELS, SCALES
from runner.families.features.scopes import Scope
from runner.members.features.calendar import CalendarPart
from runner.members.features.profile import ProfileStatistic
from runner.members.features.rolling import Statistic
from runner.members.features.section import Features
from runner.members.targets.section import TargetScaling


def test_every_key_of_the_language_has_a_family_and_no_family_has_none():
    assert {name.split(".")[0] for name in FAMILIES} == set(Features.model_fields)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_is_where_it_is_said_to_be_and_has_a_scope(name):
    assert callable(family(name))
    assert FAMILIES[name][0] in get_args(Scope)


def test_every_choice_of_the_language_has_its_function():
    scalings = {key: set(get_args(TargetScaling.model_fields[key].annotation)) for key in ("level", "scale")}
    assert set(STATISTICS) == set(get_args(Statistic))
    assert set(PARTS) == set(get_args(CalendarPart))
    assert set(PROFILES) == set(get_args(ProfileStatistic))
    assert set(LEVELS) == scalings["level"]
    assert set(SCALES) | {"none"} == scalings["scale"]


def test_the_holidays_package_is_not_imported_in_vain():
    code = "import sys, runner.families.features.build as b; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
