import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from runner.families.features.config import TableConfig
from runner.members.features.section import Features
from runner.members.targets.section import TargetScaling
from runner.members.training import EverySteps, Origins, Rounds, Training

CONFIGS = st.builds(
    TableConfig,
    st.builds(Features, lags=st.tuples(st.integers(1, 9)), ids=st.booleans()),
    st.builds(TargetScaling, window=st.one_of(st.none(), st.integers(1, 5))),
    st.builds(
        Training,
        origins=st.builds(Origins, every=st.integers(1, 3)),
        steps=st.one_of(st.just("all"), st.builds(EverySteps, every=st.integers(1, 3))),
    ),
)


@given(CONFIGS, CONFIGS)
def test_table_key_differs_for_different_configurations(one, other):
    assert (one.key() == other.key()) == (one == other)


def test_table_key_ignores_boosting_rounds():
    assert TableConfig(training=Training(rounds=Rounds(max=3))).key() == TableConfig().key()


def test_another_process_has_the_same_key():
    code = "from runner.families.features.config import TableConfig; print(TableConfig().key())"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == TableConfig().key()
