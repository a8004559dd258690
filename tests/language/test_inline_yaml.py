"""What is written on one line reads back as the same value."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runner.language.inline_yaml import flow
from runner.language.nodes import Findings
from runner.language.reader import read

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Co", "Cn")), max_size=12
)
SCALARS = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    TEXTS,
    st.sampled_from(["no", "1:30", "%d-%m-%Y", "2020-01-01", "012", "10m", "null", "a: b", "x #y", "- a", "MarkDown*"]),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


def back(text: str) -> object:
    findings = Findings()
    node = read(f"key: {text}\n", "a.yaml", findings).node
    assert findings.diagnostics == []
    return node.plain()["key"]


@given(VALUES)
def test_a_value_reads_back_as_it_was(value: object) -> None:
    assert back(flow(value)) == value


def test_plain_words_need_no_quotes() -> None:
    shown = flow({"csv": "data/a b.csv", "freq": "W-FRI", "time": "10m", "share": "20%", "none": None})
    assert shown == "{csv: data/a b.csv, freq: W-FRI, time: 10m, share: 20%, none: null}"
