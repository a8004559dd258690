"""The report opens with the answer, needs no network, says the same for the same facts, and believes no run."""

from __future__ import annotations

import hashlib
import io
import json
import re
from base64 import b64encode
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from run_worlds import MARKUP, document, parquet, trials, write_run

from runner.cli import main
from runner.errors import StoreError
from runner.members.features.holidays import Holidays
from runner.report.artifacts import make
from runner.report.charts import errors, series
from runner.report.charts.data import alive, features, total
from runner.report.charts.scores import looks_of, seconds
from runner.report.html import report_html
from runner.report.markdown import report_markdown
from runner.report.sections import Sections
from runner.results.contributions import Importance, importance, kept_path, lightgbm_gains
from runner.results.document import GateVerdict
from runner.results.holiday_steps import holiday_steps
from runner.results.narrative import gates_line, headline, paragraphs
from runner.results.overview import overview
from runner.results.run_facts import DERIVED, RunFacts
from runner.results.scored_forecasts import grouped, interval, read_cells, resampled, volumes
from runner.results.summary import summary
from runner.search.importance import importances
from runner.store.folder import Store
from runner.store.run_facts import run_facts
from runner.values.panel import Panel


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    return run_facts(write_run(tmp_path_factory.mktemp("project")))


@pytest.fixture
def cells(tmp_path):
    for name, error in (("good", 0.1), ("seasonal_naive", 0.2)):
        (tmp_path / f"{name}.parquet").write_bytes(parquet(error))
    return read_cells({name: tmp_path / f"{name}.parquet" for name in ("good", "seasonal_naive")})


def many_series(labels: int, windows: int, steps: int) -> bytes:
    """Forecasts of so many series, each of another size."""
    cells = labels * steps
    start = np.datetime64("2024-01-01", "D")
    tables = []
    for window in range(windows):
        cutoff = start + window * steps
        y = np.repeat(10.0 + np.arange(labels), steps) + np.tile(np.arange(steps), labels) % 7
        columns = {
            "series": np.repeat([f"store_{i}" for i in range(labels)], steps),
            "window": [f"test-{window + 1}"] * cells,
            "cutoff": np.repeat(cutoff, cells),
            "time": np.tile(cutoff + np.arange(1, steps + 1), labels),
            "step": np.tile(np.arange(1, steps + 1, dtype=np.int32), labels),
            "y": y,
            "forecast": y * 1.1,
            "fallback": np.zeros(cells, dtype=bool),
            "q0.1": y,
            "q0.9": y * 1.3,
        }
        tables.append(pa.table(columns))
    sink = io.BytesIO()
    pq.write_table(pa.concat_tables(tables), sink)
    return sink.getvalue()


class Reader(HTMLParser):
    """Tags with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


# the answer in words


def test_the_headline_names_winner_gain_and_baseline():
    assert headline(document()) == "good is 50.0% better than the baseline seasonal_naive."


def test_a_winning_baseline_is_said():
    row = document().results[1]
    assert headline(document().model_copy(update={"results": (row,)})).startswith("Nothing beats the baseline")


def test_no_result_is_said():
    failed = document().results[2]
    assert headline(document().model_copy(update={"results": (failed,)})) == "No model has a result."


def test_the_words_say_score_significance_data_cost_and_looks():
    text = " ".join(paragraphs(document()))
    for part in (
        "10.00%",
        "significant",
        "p = 0.01",
        "6 series",
        "10 trials",
        "Failed: broken",
        "2 runs have looked at",
    ):
        assert part in text


@pytest.mark.parametrize(("value", "text"), [(0.0002, "under 1 ms"), (0.02, "20 ms"), (3.21, "3.21 s"), (7200, "2 h")])
def test_seconds_are_written_as_people_do(value, text):
    assert seconds(value) == text


# the page


def test_the_page_needs_no_network(facts):
    page = report_html(facts)
    for tag, attributes in Reader(page).tags:
        assert tag not in ("link", "iframe", "img", "object")
        assert not {"src", "href", "srcset"} & set(attributes)
    style = page[page.index("<style>") : page.index("</style>")]
    assert not re.search(r"url\(|@import", style)


def test_page_allows_its_one_script_alone(facts):
    page = report_html(facts)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in page
    assert "unsafe-eval" not in page[: page.index("<style>")]


def test_page_with_hostile_names_has_no_markup(facts):
    hostile = "</script><script>alert(2)</script>"
    row = facts.document.results[0].model_copy(update={"model_name": hostile})
    results = (row, *facts.document.results[1:])
    document = facts.document.model_copy(update={"results": results, "name": hostile, "description": hostile})
    page = report_html(replace(facts, document=document, spec_text=hostile))
    tags = [tag for tag, _ in Reader(page).tags]
    assert tags.count("script") == 2
    assert "<script>alert" not in page
    charts = json.loads(re.findall(r'id="charts">(.*?)</script>', page, re.DOTALL)[0])
    assert hostile in json.dumps(charts["scoreboard"])


def test_page_has_each_picture_still_and_live(facts):
    page = report_html(facts)
    keys = [attributes["data-picture"] for tag, attributes in Reader(page).tags if "data-picture" in attributes]
    charts = json.loads(re.findall(r'id="charts">(.*?)</script>', page, re.DOTALL)[0])
    assert sorted(keys) == sorted(charts)
    assert [tag for tag, _ in Reader(page).tags].count("svg") == len(keys)


def test_markup_in_a_run_is_text_on_the_page_and_in_the_markdown(facts):
    page = report_html(facts)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>" not in report_markdown(facts)
    assert "\\[x\\]" in report_markdown(facts)


def test_the_answer_comes_before_pictures_tables_and_provenance(facts):
    page = report_html(facts)
    order = [page.index(part) for part in ("<h1>", "<svg", "<table", 'id="provenance"')]
    assert order == sorted(order)


def test_the_same_facts_give_the_same_bytes(facts):
    assert make(facts) == make(facts)


def test_every_derived_file_is_made(facts):
    assert set(DERIVED) <= set(make(facts))


def test_only_what_is_missing_is_made(facts):
    assert set(make(facts, lambda name: name == "report.md")) == {"report.md"}


def test_a_page_without_forecasts_studies_and_plan_still_answers():
    assert "50.0% better" in report_html(RunFacts(document()))


def test_the_command_that_makes_it_again_is_there(facts):
    assert "run-spec reproduce 0123456789ab" in report_html(facts)


def test_the_markdown_table_has_one_width(facts):
    table = [line for line in report_markdown(facts).splitlines() if line.startswith("| ")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1


@pytest.mark.slow
def test_page_of_3000_series_stays_under_3_megabytes(facts, tmp_path):
    labels, windows, steps = 3000, 3, 28
    files = {name: tmp_path / f"{name}.parquet" for name in ("good", "seasonal_naive")}
    for path in files.values():
        path.write_bytes(many_series(labels, windows, steps))
    page = report_html(replace(facts, forecasts=files))
    assert 'data-picture="volume"' in page
    assert len(page.encode()) < 3_000_000


# cells


def test_only_test_windows_are_scored(cells):
    assert cells.windows == ("test-1", "test-2")
    assert len(cells.y) == 6 * 4 * 2


def test_the_error_of_a_group_is_the_metric_of_its_cells(cells):
    by_series = grouped("wape", cells, "good", cells.series, 6)
    assert np.allclose(by_series, [0.1] * 5 + [1.0])


def test_an_empty_group_has_no_error(cells):
    assert np.isnan(grouped("wape", cells, "good", np.zeros_like(cells.series), 2)[1])


def test_an_interval_holds_the_value_and_is_the_same_each_time(cells):
    low, high = interval("wape", cells, "good")
    whole = grouped("wape", cells, "good", np.zeros_like(cells.series), 1)[0]
    assert low <= whole <= high
    assert (low, high) == interval("wape", cells, "good")


def test_a_file_that_is_none_is_left_out(tmp_path):
    (tmp_path / "bad.parquet").write_bytes(b"no parquet")
    assert read_cells({"bad": tmp_path / "bad.parquet", "gone": tmp_path / "gone.parquet"}) is None


def test_the_volume_of_a_series_is_its_mean(cells):
    assert np.allclose(volumes(cells), 100.0 * np.arange(1, 7))


def test_the_worst_series_is_the_one_with_the_largest_error(cells):
    assert series.pick_series(cells, "wape", "good")["worst"] == "s5"


def test_a_number_is_never_broken_on_the_page(facts):
    assert not re.search(r"\d\.<wbr>\d", report_html(facts))


def test_a_series_that_is_hardly_scored_is_no_telling_one(cells):
    worst = cells.labels.index("s5")
    y = np.where((cells.series == worst) & (np.cumsum(cells.series == worst) > 1), np.nan, cells.y)
    assert series.pick_series(replace(cells, y=y), "wape", "good")["worst"] != "s5"


def test_forecasts_of_different_windows_are_not_joined(cells):
    picture = series.forecast(cells, "s1", ["good"], looks_of(document()))
    lines = next(layer for layer in picture.spec["layer"] if layer.get("name") == "lines")
    assert lines["encoding"]["detail"] == {"field": "window", "type": "nominal"}
    rows = [row for values in picture.spec["datasets"].values() for row in values if row.get("model") == "good"]
    assert [row["window"] for row in rows] == [0] * 4 + [1] * 4


def test_the_error_by_step_has_a_value_for_each_step(cells):
    picture = errors.by_step(cells, "wape", looks_of(document()))
    (rows,) = picture.spec["datasets"].values()
    assert [(row["model"], row["x"]) for row in rows] == [(m, x) for m in cells.models for x in (1, 2, 3, 4)]


def test_residuals_that_are_alike_but_for_rounding_are_drawn(cells):
    noisy = np.nextafter(cells.y * 1.1, np.inf)
    alike = replace(cells, forecasts={"good": np.where(cells.series % 2, noisy, cells.y * 1.1)})
    (rows, *_) = errors.residuals(alike, "good", "blue").spec["datasets"].values()
    assert len(rows) == 31


def test_few_series_have_no_quarters(cells):
    assert errors.by_volume(cells, "wape", looks_of(document())) is None


def test_holidays_need_both_kinds_of_steps(cells):
    every = np.ones(len(cells.y), dtype=bool)
    assert errors.by_holiday(cells, "wape", looks_of(document()), every) is None
    every[:4] = False
    assert errors.by_holiday(cells, "wape", looks_of(document()), every) is not None


def test_a_week_that_ends_on_friday_holds_the_thursday_before():
    grid = pd.date_range("2012-11-09", periods=4, freq="W-FRI")
    marked = holiday_steps(grid, "W-FRI", Holidays(country="US"))
    assert dict(zip(grid.strftime("%m-%d"), marked, strict=True))["11-23"]  # Thanksgiving, the 22nd


# gates


GATES = tuple(
    GateVerdict(
        gate=f"gate {verdict}", verdict=verdict, reason=f"why | {MARKUP}", model="good", value=0.1, reference=0.2
    )
    for verdict in ("passed", "failed", "unknown")
)


def test_the_page_and_the_text_say_each_verdict_and_none_without_gates(facts):
    judged = replace(facts, document=facts.document.model_copy(update={"gates": GATES}))
    page, text = report_html(judged), report_markdown(judged)
    assert 'id="gates"' not in report_html(facts)
    for gate in GATES:
        assert f">{gate.verdict}</td>" in page
        assert gate.gate in page
        assert f"{gate.verdict} | {gate.gate} |" in text
    assert "Of 3 gates 1 failed, 1 is unknown and 1 passed." in page
    assert "<script>alert" not in page + text


def test_the_summary_of_a_pull_request_has_the_rows_of_the_report(facts):
    judged = replace(facts, document=facts.document.model_copy(update={"gates": GATES}))

    def told(text):
        return [tuple(cell.strip() for cell in line.split("|")[1:3]) for line in text.splitlines() if "gate " in line]

    rows = [row for row in told(report_markdown(judged)) if row[0]]
    assert rows == [row for row in told(summary(judged.document, GATES)) if row[0]]
    assert len(rows) == 3


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ((), ""),
        (GATES[:1], "The gate passed."),
        (GATES[1:2], "The gate failed."),
        (GATES[2:], "Whether the gate holds is unknown."),
        (GATES[:1] * 2, "All 2 gates passed."),
        (GATES[2:] * 2, "Of 2 gates 2 are unknown."),
    ],
)
def test_what_came_of_the_gates_is_one_sentence(verdicts, words):
    assert gates_line(verdicts) == words


# models and data


def test_the_gains_of_a_lightgbm_file_are_summed_by_feature(tmp_path):
    (tmp_path / "model.txt").write_text("split_feature=0 1 0\nsplit_gain=1 2 3\nsplit_feature=\nsplit_gain=\n")
    (tmp_path / "meta.json").write_text(json.dumps({"features": ["a", "b"]}))
    assert lightgbm_gains(tmp_path / "model.txt") == {0: 4.0, 1: 2.0}
    found = importance("lightgbm", None, tmp_path)
    assert found is not None
    assert (found.sizes, found.unit) == ({"a": 4 / 6, "b": 2 / 6}, "share")
    assert "gain of its splits" in features("lightgbm", found).note


def test_a_model_file_that_cannot_be_read_has_no_importance(tmp_path):
    (tmp_path / "model.txt").write_text("split_feature=x\nsplit_gain=1\n")
    assert importance("lightgbm", None, tmp_path) is None
    (tmp_path / "model.cbm").write_bytes(b"no model")
    (tmp_path / "model.txt").unlink()
    assert importance("lightgbm", None, tmp_path) is None


def test_contributions_that_were_kept_come_first_and_damaged_ones_not_at_all(tmp_path):
    kept = kept_path(tmp_path, "lightgbm")
    kept.parent.mkdir(parents=True)
    whole = {"version": 1, "rows": 20, "unit": "target", "mean_abs": {"lag.1": 12.0, "step": 0.0}}
    (tmp_path / "model.txt").write_text("split_feature=0\nsplit_gain=1\n")
    (tmp_path / "meta.json").write_text(json.dumps({"features": ["a"]}))
    kept.write_text(json.dumps(whole))
    found = importance("lightgbm", tmp_path, tmp_path)
    assert found == Importance({"lag.1": 12.0, "step": 0.0}, "target", "20 rows")
    assert "Weekly_Sales" in json.dumps(features("lightgbm", found, "Weekly_Sales").spec)
    for damage in (
        {"unit": "euros"},
        {"mean_abs": {"a": -1}},
        {"mean_abs": {"a": "x"}},
        {"mean_abs": []},
        {"rows": None},
    ):
        kept.write_text(json.dumps(whole | damage))
        assert importance("lightgbm", tmp_path, tmp_path).unit == "share"
    for text in ('{"unit": "target", "rows": 1, "mean_abs": {"a": NaN}}', "[" * 100_000):
        kept.write_text(text)
        assert importance("lightgbm", tmp_path, tmp_path).unit == "share"


def test_importance_is_shared_out_and_needs_enough_trials():
    found = importances(trials(), "lower")
    assert sum(found.values()) == pytest.approx(1.0)
    assert importances(trials()[:3], "lower") == {}


def test_the_overview_counts_gaps_zeros_and_lengths():
    y = np.array([[1.0, np.nan, 3.0, 0.0], [np.nan, 2.0, 2.0, np.nan]])
    panel = Panel(("id",), (("a",), ("b",)), np.arange(4), None, y, np.array([0, 1]), np.array([4, 3]))
    found = overview(panel)
    assert (found["missing"], found["zeros"], found["constant"], found["observations"]) == (1, 1, 1, 5)
    assert sum(found["lengths"]["counts"]) == 2
    json.dumps(found, allow_nan=False)


def test_a_long_series_is_drawn_by_means_and_its_peak_lies_in_the_band():
    y = np.tile([1.0, 2.0, 3.0, 10.0], 500)[None, :1999]
    panel = Panel(("id",), (("a",),), np.arange(1999), None, y, np.array([0]), np.array([1999]))
    found = overview(panel)
    assert found["step"] == 4
    assert (found["total"][0], found["low"][0], found["high"][0]) == (4.0, 1.0, 10.0)
    assert (found["total"][-1], found["times"][-1]) == (2.0, 1996)  # of the three steps that are left
    picture = total(found)
    rows = [row for values in picture.spec["datasets"].values() for row in values]
    assert max(row.get("y2", 0.0) for row in rows) == 10.0
    assert "Each point is the mean of 4 steps." in picture.note
    assert "the mean of 4 steps" in alive(found).note
    json.dumps(found, allow_nan=False)


def test_sections_say_what_intervals_are_drawn_over(facts, cells):
    assert Sections(facts).resampled == "series"
    assert resampled(replace(cells, labels=cells.labels[:4])) == "dates"
    assert "intervals over series." in report_html(facts)


def test_a_word_on_sorting_is_not_printed(facts):
    page = report_html(facts)
    assert '<span class="screen"> Click a heading to sort.</span>' in page
    assert ".screen { display: none; }" in page[page.index("@media print") :]


# the facts of a run folder


def test_a_run_without_results_has_no_facts(tmp_path):
    with pytest.raises(StoreError, match="not finished"):
        run_facts(write_run(tmp_path, state="running"))


def test_a_model_called_like_a_path_reaches_no_file_outside(tmp_path):
    folder = write_run(tmp_path)
    outside = tmp_path / "results" / "runs" / "shop" / "outside.parquet"
    outside.write_bytes(parquet(0.1))
    row = document().results[0].model_copy(update={"model_name": "../../outside"})
    found = run_facts(folder, document().model_copy(update={"results": (row,)}))
    assert found.forecasts == {}


@pytest.mark.slow
def test_a_report_is_made_again_by_name(tmp_path, monkeypatch, capsys):
    write_run(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    assert main(["report", "shop"]) == 0
    assert (Store(tmp_path).run("shop", "0123456789ab").path / "report.html").exists()
    assert main(["report", "0123456789ab"]) == 0
    assert main(["report", "shop/0123456789ab"]) == 0
    assert main(["report", "nothing"]) == main(["report", "shopp/0123456789ab"]) == main(["report", "shop/0"]) == 2
    assert MARKUP not in capsys.readouterr().out
