from lint_worlds import judged

from runner.lint import lint_paths
from runner.lint.suppress import suppressions


def codes(found):
    return [one.code for one in found]


def test_suppress_comment_after_value_covers_its_line(tmp_path):
    text = "forecast:\n  season: 10  # lint: ignore[FS302] ten weeks\nevaluation:\n  {}"
    assert judged(tmp_path, text.format("test: {windows: 1}")) == ()
    found = judged(tmp_path, text.format("compare: {}") + "  # lint: ignore[FS302] the wrong line")
    assert codes(found) == ["FS304", "FS008"]


def test_suppress_comment_on_own_line_covers_next_key(tmp_path):
    block = "# lint: ignore[FS303, FS304] a first look\nevaluation:\n  test:\n    windows: 2\n\n"
    block += "    # why\n    step: 3\n  compare: {}\n"
    assert judged(tmp_path, block) == ()
    assert codes(judged(tmp_path, block + "forecast:\n  season: 10")) == ["FS302"]


def test_suppress_list_items_belong_to_their_key():
    (found,) = suppressions("# lint: ignore[FS202] why\nknown:\n- a\n- b\nother: 1\n", "a.yaml")
    assert (found.first, found.last) == (2, 4)


def test_suppress_comment_inside_text_is_ignored(tmp_path):
    quoted = 'description: "x # lint: ignore[FS302] y"\n'
    block = "description: |\n  # lint: ignore[FS302] y\nname: other\n"
    assert judged(tmp_path, quoted) == judged(tmp_path, block) == ()
    assert suppressions(quoted, "a") == suppressions(block, "a") == ()


def test_suppress_hash_without_blank_is_no_comment():
    assert suppressions("name: a# lint: ignore[FS302] y\n", "a") == ()


def test_suppress_comment_without_reason_is_reported(tmp_path):
    assert codes(judged(tmp_path, "forecast: {season: 10} # lint: ignore[FS302]")) == ["FS007"]
    assert codes(judged(tmp_path, "forecast: {season: 52} # lint: ignore because")) == ["FS007"]


def test_suppress_needless_comment_is_reported_with_hint(tmp_path):
    unused, unknown, fixed = judged(tmp_path, "forecast: {season: 52} # lint: ignore[FS302, FS999, FS010] why")
    assert (unused.message, unknown.message) == ("FS302 finds nothing here", "there is no rule FS999")
    assert fixed.message.startswith("FS010 cannot be ignored")


def test_suppress_data_rule_without_data_counts_as_used(tmp_path):
    text = "data: {source: {csv: flat.csv}, covariates: {known: [], static: []}}\n"
    text += "evaluation: {metric: mase}  # lint: ignore[FS106] one shop was closed"
    assert judged(tmp_path, text, data=True) == ()
    assert judged(tmp_path, text) == ()


def test_suppress_parse_error_is_not_ignored(tmp_path):
    assert codes(judged(tmp_path, "forecast: {horizn: 1}  # lint: ignore[FS010] I mean it")) == ["FS010"]


def test_suppress_comment_in_base_covers_extending_specs(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "_base.yaml").write_text("forecast: {horizon: 3, season: 10}  # lint: ignore[FS302] ten weeks\n")
    head = "version: 1\nname: a\nextends: _base.yaml\nmodels: {naive: {}}\n"
    data = "data: {source: {synthetic: {}}, series: [series], time: time, target: y, freq: W-SUN}\n"
    (tmp_path / "a.yaml").write_text(head + data)
    (tmp_path / "b.yaml").write_text(head.replace("name: a", "name: b") + data + "forecast: {season: 52}\n")
    assert lint_paths([tmp_path / "a.yaml", tmp_path / "b.yaml"]) == ()
