from hypothesis import given
from hypothesis import strategies as st

from runner.language.merge import merge
from runner.language.nodes import Findings, dotted
from runner.language.reader import read

KEYS = st.sampled_from(["a", "b", "c", "models", "space", "data"])
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        st.one_of(st.integers(0, 9), st.booleans()),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
        max_leaves=8,
    ),
    max_size=4,
)


def node(tree):
    findings = Findings()
    found = read(flow(tree), "a.yaml", findings).node
    assert not findings.diagnostics
    return found


def flow(tree):
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key}: {flow(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(flow(value) for value in tree) + "]"
    return str(tree).lower()


@given(TREES)
def test_an_empty_side_changes_nothing(tree):
    assert merge(node(tree), node({})).plain() == tree
    assert merge(node({}), node(tree)).plain() == tree


@given(TREES)
def test_merging_a_tree_with_itself_changes_nothing(tree):
    assert merge(node(tree), node(tree)).plain() == tree


@given(TREES, TREES)
def test_merge_scalars_and_lists_keeps_those_of_child(base, child):
    merged = merge(node(base), node(child))
    for path, one in node(child).walk():
        if not isinstance(one.value, dict):
            assert merged.at(*path).plain() == one.plain()


@given(TREES, TREES)
def test_what_the_child_does_not_mention_stays(base, child):
    merged = merge(node(base), node(child)).plain()
    for key in set(base) - set(child):
        assert merged[key] == base[key]


@given(TREES)
def test_every_place_leads_to_its_value(tree):
    found = node(tree)
    for path in found.origins():
        assert found.at(*path) is not None


def test_a_path_is_written_with_dots_and_brackets():
    assert dotted(("evaluation", "report", 2, "mase")) == "evaluation.report[2].mase"
    assert dotted(()) == ""
