"""Gates judge what the results document says, and say `unknown` rather than guess."""

from __future__ import annotations

from pathlib import Path

import pytest
from gate_worlds import DATA, NOBODY, USUAL, gate, results, row, verdict
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import SpecError
from runner.language import gate_checks
from runner.language.parse import parse
from runner.results.document import GateVerdict
from runner.results.gates import Champion, MuteChampion, NoChampion, judge, together
from runner.run.plan import ALWAYS_REPORTED
from runner.store.identity import numeric_part
from runner.values.records import Comparison

SCORES = st.floats(0.01, 10)


def test_better_by_exactly_the_share_passes() -> None:
    assert verdict(metric="wape", better_than="seasonal_naive", by="20%").verdict == "passed"
    assert verdict(metric="wape", better_than="seasonal_naive", by="20.1%").verdict == "failed"


def test_verdict_names_both_scores_and_their_difference() -> None:
    found = verdict(metric="wape", better_than="seasonal_naive", by="5%")
    assert found.reason == "lightgbm has wape 8.00%, seasonal_naive has wape 10.00%: 20% better"
    assert (found.model, found.value, found.reference) == ("lightgbm", 0.08, 0.10)
    assert found.gate == "wape better than seasonal_naive by 5%"


def test_better_with_equal_scores_fails() -> None:
    document = results(row("lightgbm", wape=0.1), row("seasonal_naive", wape=0.1))
    assert verdict(document, metric="wape", better_than="seasonal_naive").verdict == "failed"


def test_better_than_the_best_model_itself_fails() -> None:
    document = results(row("seasonal_naive", wape=0.1), row("lightgbm", wape=0.2))
    found = verdict(document, metric="wape", better_than="seasonal_naive")
    assert (found.verdict, found.reason) == ("failed", "seasonal_naive is itself the best model")


def test_better_bias_is_closer_to_zero() -> None:
    assert verdict(metric="bias", better_than="seasonal_naive").verdict == "failed"


def test_gate_without_a_score_is_unknown() -> None:
    document = results(row("lightgbm", wape=0.08), row("seasonal_naive", status="failed"))
    found = verdict(document, metric="wape", better_than="seasonal_naive")
    assert (found.verdict, found.reason) == ("unknown", "seasonal_naive has no wape")


def test_gate_without_any_result_fails() -> None:
    document = results(row("lightgbm", status="failed"))
    assert verdict(document, covers="1%").verdict == "failed"


def _tested(p_value: float | None, significant: bool) -> Comparison:
    return Comparison(
        model="seasonal_naive", against="lightgbm", statistic=2.0, p_value=p_value, significant=significant
    )


@pytest.mark.parametrize(
    ("comparisons", "expected"),
    [((_tested(0.01, True),), "passed"), ((_tested(0.4, False),), "failed"), ((_tested(None, False),), "unknown"),
     ((), "unknown")],
)  # fmt: skip
def test_significant_gate_without_a_test_is_unknown(comparisons: tuple[Comparison, ...], expected: str) -> None:
    document = results(row("lightgbm", wape=0.08), row("seasonal_naive", wape=0.1), comparisons=comparisons)
    asked = {"metric": "wape", "better_than": "seasonal_naive", "significant": True}
    assert verdict(document, **asked).verdict == expected


def test_covers_counts_series_in_every_window() -> None:
    document = results(row("lightgbm", wape=0.08), covered=(10, 9), throughout=9)
    assert verdict(document, covers="90%").verdict == "passed"
    assert verdict(document, covers="91%").verdict == "failed"


def test_covers_with_disjoint_windows_fails() -> None:
    nowhere = verdict(results(row("lightgbm", wape=0.08), covered=(5, 5), throughout=0), covers="1%")
    assert (nowhere.verdict, nowhere.value) == ("failed", 0.0)


def test_covers_without_the_count_is_unknown() -> None:
    assert verdict(results(row("lightgbm", wape=0.08), throughout=None), covers="1%").verdict == "unknown"


def _champion(wape: float, **world: object) -> Champion:
    document = results(row("catboost", wape=wape), row("seasonal_naive", wape=0.10), run_id="f" * 12, **world)
    return Champion("3", "catboost", document, DATA)


ASKED = {"metric": "wape", "not_worse_than": "champion", "tolerance": "1%"}


def test_not_worse_without_a_champion_is_unknown() -> None:
    found = verdict(champion=NOBODY, **ASKED)
    assert (found.verdict, found.reason) == ("unknown", "there is no champion yet")
    away = verdict(champion=NoChampion("http://x: nothing listens there", away=True), **ASKED)
    mute = verdict(champion=MuteChampion("3", "the champion (version 3) has no results document"), **ASKED)
    assert (mute.verdict, mute.reason) == ("unknown", "the champion (version 3) has no results document")
    assert (away.verdict, away.reason) == ("unknown", "http://x: nothing listens there")


def test_not_worse_on_same_windows_uses_tolerance() -> None:
    assert verdict(champion=_champion(0.0793), **ASKED).verdict == "passed"
    assert verdict(champion=_champion(0.0790), **ASKED).verdict == "failed"


def test_not_worse_on_other_windows_uses_shares() -> None:
    easy = results(row("catboost", wape=0.04), row("seasonal_naive", wape=0.05), run_id="f" * 12, cutoff="2023-01-01")
    found = verdict(champion=Champion("3", "catboost", easy, DATA), **ASKED)
    assert found.verdict == "passed", "0.08 of 0.10 is as good as 0.04 of 0.05, though twice the score"
    assert "lightgbm has 80% of the wape of seasonal_naive" in found.reason
    assert "each on its own test windows" in found.reason


def test_windows_ignore_the_hour_of_midnight() -> None:
    ours, theirs = (
        results(row("lightgbm", wape=0.08), row("seasonal_naive", wape=0.1), run_id=run_id, cutoff=cutoff)
        for run_id, cutoff in (("0" * 12, "2024-01-07 00:00"), ("f" * 12, "2024-01-07"))
    )
    found = verdict(ours, champion=Champion("3", "lightgbm", theirs, DATA), **ASKED)
    assert "each on its own test windows" not in found.reason


def test_windows_differ_when_the_data_differs() -> None:
    found = verdict(champion=_champion(0.08), data={"a.csv": "0" * 64}, **ASKED)
    assert "each on its own test windows" in found.reason


@pytest.mark.parametrize("other", [{"baseline": "naive"}, {"horizon": 13}])
def test_not_worse_with_another_task_is_unknown(other: dict[str, object]) -> None:
    document = results(
        row("catboost", wape=0.04), row("seasonal_naive", wape=0.05), row("naive", wape=0.06),
        run_id="f" * 12, cutoff="2023-01-01", **other,
    )  # fmt: skip
    assert verdict(champion=Champion("3", "catboost", document, DATA), **ASKED).verdict == "unknown"


def test_not_worse_than_itself_passes() -> None:
    assert verdict(champion=Champion("3", "lightgbm", USUAL, DATA), **ASKED).verdict == "passed"


@given(ours=SCORES, theirs=SCORES, tolerance=st.integers(0, 50))
def test_not_worse_is_independent_of_units(ours: float, theirs: float, tolerance: int) -> None:
    asked = {"metric": "mae", "not_worse_than": "champion", "tolerance": f"{tolerance}%"}
    found = []
    for unit in (1.0, 1024.0):
        document = results(row("lightgbm", mae=ours * unit))
        champion = Champion("1", "catboost", results(row("catboost", mae=theirs * unit), run_id="f" * 12), DATA)
        found.append(verdict(document, champion, **asked).verdict)
    assert found[0] == found[1]


def test_together_puts_failed_before_unknown() -> None:
    def of(*verdicts: str) -> str:
        return together(
            [GateVerdict(gate="", verdict=v, reason="", model=None, value=None, reference=None) for v in verdicts]
        )

    assert of("passed", "unknown", "failed") == "failed"
    assert of("passed", "unknown") == "unknown"
    assert of("passed") == of() == "passed"


def test_judge_keeps_the_order_of_gates() -> None:
    gates = [gate(covers="50%"), gate(metric="wape", better_than="seasonal_naive")]
    assert [found.gate.split()[0] for found in judge(gates, USUAL, NOBODY, DATA)] == ["50%", "wape"]


def test_gates_know_the_metrics_always_reported() -> None:
    assert gate_checks.ALWAYS_REPORTED == ALWAYS_REPORTED


SPEC = """\
version: 1
name: gated
data: {{source: {{synthetic: {{}}}}, series: [series], time: time, target: y, freq: W-SUN,
       covariates: {{known: [promo], static: [kind]}}}}
forecast: {{horizon: 8}}
models: {{seasonal_naive: {{}}, lightgbm: {{}}}}
gates: [{gate}]
"""


def _problem(folder: Path, written: str) -> str:
    (folder / "pyproject.toml").touch()
    path = folder / "gated.yaml"
    path.write_text(SPEC.format(gate=written))
    with pytest.raises(SpecError) as caught:
        parse(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("{metric: wape}", "has 0; hint: write exactly one of"),
        ("{metric: wape, better_than: seasonal_naive, covers: 5%}", "has 2; hint: write exactly one of"),
        ("{metric: wape, better_than: seasonal_naive, tolerance: 5%}", "`tolerance` goes with `not_worse_than`"),
        ("{metric: wape, not_worse_than: champion, by: 5%}", "`by` goes with `better_than`"),
        ("{better_than: seasonal_naive}", "needs the key `metric`"),
        ("{metric: wape, covers: 5%}", "needs no metric"),
        ("{metric: mase, better_than: seasonal_naive}", "add it to `evaluation.report`"),
        ("{metric: wape, better_than: seasonal_naiv}", "did you mean `seasonal_naive`?"),
        ("{metric: wape, better_than: naive}", "not on the scoreboard"),
        ("{metric: wape, better_than: seasonal_naive, significant: true}", "significance needs a test"),
        ("{metric: wape, better_than: seasonal_naive, by: 0.05}", "gates[0].by"),
    ],
)
def test_gate_without_its_metric_is_refused(tmp_path: Path, written: str, words: str) -> None:
    found = _problem(tmp_path, written)
    assert words in found
    assert "gated.yaml:7:" in found or "gated.yaml:8:" in found


def test_run_id_ignores_gates() -> None:
    assert numeric_part({"name": "x", "gates": [{"covers": "5%"}]}) == {"name": "x"}
