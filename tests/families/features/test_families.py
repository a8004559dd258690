import subprocess
import sys
from typing import get_args

import pytest

from runner.families.features.calendar import PARTS
from runner.families.features.profile import PROFILES
from runner.families.features.rolling import STATISTICS
from runner.families.targets.level import LEVELS
from runner.families.targets.scale import SCALES
from runner.members.features.calendar import CalendarPart
from runner.members.features.profile import ProfileStatistic
from runner.members.features.registry import FEATURES
from runner.members.features.rolling import Statistic
from runner.members.member import Member
from runner.members.targets.section import TargetScaling


@pytest.mark.parametrize("member", FEATURES.members, ids=lambda member: member.name)
def test_feature_has_fit_and_columns(member: Member) -> None:
    feature = member.implementation()(member.default)
    assert callable(feature.fit)
    assert callable(feature.columns)


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
