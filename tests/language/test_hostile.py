"""Whatever a file contains, a spec error or a spec comes out, and soon."""

import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spec_worlds import SOUND, write

from runner.errors import SpecError
from runner.language.parse import attempt, from_json, parse

ROOT = Path(__file__).parents[2]
KEYS = """
    version name data source csv synthetic series time target freq covariates known forecast horizon gap season
    quantiles evaluation metric mase report tuning windows test features lags rolling stat window target scale
    training steps every models lightgbm catboost naive blend of use params space float int choice branch zero_or
    bool log step study sampler pruner budget trials failures generation run workers engine dask tracking tags env
    extends gates num_leaves eta x 1 <<
"""
WORDS = KEYS.split()

CORPUS = {
    "brackets": b"[" * 100_000,
    "braces": b"{" * 100_000,
    "maps": b"{a: " * 50_000,
    "dashes": b"- " * 100_000,
    "questions": b"? " * 100_000,
    "blanks": b" " * 200_000,
    "newlines": b"\n" * 200_000,
    "one scalar": b"a: " + b"x" * 250_000,
    "digits": b"a: " + b"9" * 250_000,
    "quotes": b'"' * 200_001,
    "keys": b"".join(b"k%d: 1\n" % i for i in range(15_000)),
    "hundred thousand keys": b"".join(b"k%d: 1\n" % i for i in range(100_000)),
    "same key": b"a: 1\n" * 40_000,
    "anchors": b"".join(b"k%d: &a%d 1\n" % (i, i) for i in range(9_000)),
    "aliases": b"a: &a [1]\nb: [" + b"*a," * 50_000 + b"]",
    "nul": SOUND.encode() + b"\0",
    "latin": b"name: caf\xe9",
    "utf-16": SOUND.encode("utf-16"),
    "lone surrogate": b"a: \xed\xa0\x80",
    "escaped surrogate": b'name: "\\ud800"',
    "escaped nul": b'name: "a\\0b"',
    "escaped override": b'name: "\\u202e"',
    "tag": b"!!python/object/apply:os.system [echo]",
    "directive": b"%YAML 9.9\n---\na: 1\n",
    "only a list": b"- 1\n- 2\n",
    "only a scalar": b"hello",
    "colons": b"a: " + b":" * 100_000,
    "comments": b"#" * 250_000,
    "key of 100 kB": b"? " + b"k" * 100_000 + b"\n: 1\n",
    "unknown keys": SOUND.encode() + b"".join(b"horizon%d: 1\n" % i for i in range(3_000)),
    "unknown parameters": SOUND.replace("models: {", "models: {lightgbm: {params: {").encode().replace(
        b"seasonal_naive: {}}", b",".join(b"num_leavs%d: 1" % i for i in range(3_000)) + b"}}}"),
    "many models": SOUND.replace("{seasonal_naive: {}}", "").encode() + b"".join(
        b" m%d: {use: lightgm}\n" % i for i in range(3_000)),
    "nested branches": SOUND.replace("seasonal_naive: {}", "lightgbm: {space: {" + "boosting: {branch: {gbdt: {" * 8
                                     + "}}}" * 8 + "}}").encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", CORPUS)
def test_parse_hostile_bytes_fails_within_a_second(tmp_path, name):
    path = write(tmp_path, CORPUS[name])
    start = time.process_time()
    with pytest.raises(SpecError) as caught:
        parse(path)
    assert time.process_time() - start < 1
    assert caught.value.diagnostics
    for found in caught.value.diagnostics:
        assert "\n" not in str(found).removeprefix(found.file)
        assert len(found.message) < 400
        assert str(found).replace(str(tmp_path), "").isprintable()


SCALARS = st.one_of(
    st.sampled_from(WORDS),
    st.integers(-5, 200).map(str),
    st.floats(allow_nan=True).map(repr),
    st.sampled_from(["null", "true", "012", "1:30", '"1"', "20%", "10m", "[]", "{}", "[1, 2]", "*a", "&a x", "!t x"]),
    st.text(max_size=8),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: "[" + ", ".join(items) + "]"),
        st.dictionaries(st.sampled_from(WORDS), inner, max_size=4).map(
            lambda entries: "{" + ", ".join(f"{key}: {value}" for key, value in entries.items()) + "}"
        ),
    ),
    max_leaves=12,
)
QUIET = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def assert_spec_or_diagnostics(path, *overrides):
    document, found = attempt(path, overrides, {})
    assert (document is None) == bool(found)
    assert all(one.span.line >= 1 and one.span.col >= 1 for one in found)
    if document is not None:
        assert from_json(document.spec.model_dump_json()) == document.spec


@QUIET
@given(st.dictionaries(st.sampled_from(WORDS), TREES, max_size=8))
def test_parse_any_tree_returns_spec_or_error(tmp_path, entries):
    assert_spec_or_diagnostics(write(tmp_path, "".join(f"{key}: {value}\n" for key, value in entries.items())))


@QUIET
@given(key=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), tree=TREES)
def test_parse_any_override_returns_spec_or_error(tmp_path, key, tree):
    text = (ROOT / "specs" / "quickstart.yaml").read_text()
    assert_spec_or_diagnostics(write(tmp_path, text), f"{'.'.join(key)}={tree}")


@QUIET
@given(st.binary(max_size=200))
def test_any_bytes_are_a_spec_error(tmp_path, content):
    assert_spec_or_diagnostics(write(tmp_path, content))


@QUIET
@given(st.data())
def test_parse_altered_spec_returns_spec_or_error(tmp_path, data):
    text = (ROOT / "specs" / "walmart.yaml").read_text()
    text = text.replace("extends: [_shared/retail.yaml]", "forecast: {horizon: 13}")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    assert_spec_or_diagnostics(write(tmp_path, text[:start] + data.draw(st.text(max_size=5)) + text[end:]))


def test_the_recursion_limit_is_never_near(tmp_path):
    deep = "description: " + "[" * 31 + "]" * 31
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(450)
        assert_spec_or_diagnostics(write(tmp_path, SOUND + deep))
    finally:
        sys.setrecursionlimit(limit)
