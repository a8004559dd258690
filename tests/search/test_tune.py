"""A study is a function of its records: what is killed and resumed, shuffled or grown is the same study."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.language.sections.study import Budget, Pruner, Sampler
from runner.search.ask import Search
from runner.search.pruning import thresholds
from runner.search.sampled_space import params_from_draws
from runner.search.tune import StudyPlan, TrialJob, tune
from runner.values.records import CurvePoint, Generation, TrialRecord
from runner.values.section import FrozenMap, as_values
from runner.values.space import WideSpace

SPACE = WideSpace.model_validate(
    as_values(
        {
            "params": {
                "rate": {"float": [0.01, 0.3], "log": True},
                "leaves": {"int": [4, 64]},
                "penalty": {"zero_or": {"float": [1e-8, 10.0], "log": True}},
                "sampling": {"branch": {"bagging": {}, "goss": {"top": {"float": [0.1, 0.5]}}}},
                "extra": {"bool": True},
            },
            "features": {"lags": {"choice": {"short": [1], "long": [1, 2, 3]}}},
        }
    )
)


class Kept:
    """Records in memory."""

    def __init__(self) -> None:
        self.asked: dict[int, Generation] = {}
        self.done: dict[int, TrialRecord] = {}

    def generations(self, model: str) -> Sequence[Generation]:
        return tuple(self.asked.values())

    def trials(self, model: str) -> Sequence[TrialRecord]:
        return tuple(self.done.values())

    def add_generation(self, model: str, generation: Generation) -> None:
        assert generation.number not in self.asked
        self.asked[generation.number] = generation

    def add_trial(self, model: str, record: TrialRecord) -> None:
        assert record.number not in self.done, "a trial was done twice"
        self.done[record.number] = record


class Killed(Exception):
    pass


def plan(trials: int = 20, sampler: str = "tpe", **budget: object) -> StudyPlan:
    spec = Sampler.model_validate({"name": sampler, "seed": 3, "startup": 5})
    return StudyPlan(
        "m",
        Search("study", SPACE, spec, "lower", 6),
        Pruner(),
        Budget.model_validate({"trials": trials, **budget}),
    )


def objective(job: TrialJob) -> TrialRecord:
    """A smooth function of the draws; every seventh trial fails."""
    params = params_from_draws(SPACE, job.ask.params)["params"]
    number = job.ask.number
    if number % 7 == 6:
        return TrialRecord(
            number=number, state="fail", params=FrozenMap(job.ask.params), reason="bad luck", seconds=1.0
        )
    value = abs(params["rate"] - 0.1) + abs(params["leaves"] - 30) / 60 + params["penalty"] / 10 + params["extra"]
    return TrialRecord(number=number, state="complete", params=FrozenMap(job.ask.params), value=value, seconds=1.0)


class Evaluate:
    """An engine in this process that finishes jobs in the order of `choose`."""

    def __init__(self) -> None:
        self.waiting: list[TrialJob] = []

    def submit(self, job: TrialJob) -> None:
        self.waiting.append(job)

    def outcomes(self) -> Iterator[tuple[TrialJob, TrialRecord]]:
        while self.waiting:
            job = self.waiting.pop(self.choose())
            yield job, self.evaluate(job)

    def choose(self) -> int:
        return 0

    def evaluate(self, job: TrialJob) -> TrialRecord:
        return objective(job)


class Shuffled(Evaluate):
    """An engine that finishes any of the jobs that wait, and dies after so many."""

    def __init__(self, seed: int, dies_after: int | None = None) -> None:
        super().__init__()
        self.dice, self.left = random.Random(seed), dies_after

    def choose(self) -> int:
        return self.dice.randrange(len(self.waiting))

    def evaluate(self, job: TrialJob) -> TrialRecord:
        if self.left is not None:
            if not self.left:
                raise Killed
            self.left -= 1
        return objective(job)


@pytest.mark.parametrize("sampler", ["tpe", "random"])
@given(stops=st.lists(st.integers(0, 9), max_size=4), seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_study_killed_and_resumed_is_identical(sampler: str, stops: list[int], seed: int) -> None:
    straight, broken = Kept(), Kept()
    tune([plan(sampler=sampler)], straight, Evaluate())
    for stop in stops:
        try:
            tune([plan(sampler=sampler)], broken, Shuffled(seed, stop))
        except Killed:
            continue
    tune([plan(sampler=sampler)], broken, Evaluate())
    assert broken.asked == straight.asked
    assert broken.done == straight.done


def test_a_grown_budget_continues_the_same_sequence() -> None:
    at_once, grown = Kept(), Kept()
    tune([plan(20)], at_once, Evaluate())
    tune([plan(8)], grown, Evaluate())
    assert sorted(grown.done) == list(range(8))
    tune([plan(20)], grown, Evaluate())
    assert grown.done == at_once.done


def test_a_budget_is_a_total() -> None:
    kept = Kept()
    tune([plan(9)], kept, Evaluate())
    tune([plan(9)], kept, Evaluate())
    assert len(kept.done) == 9


def test_the_time_budget_is_checked_between_generations() -> None:
    kept = Kept()
    tune([plan(20, time="7s")], kept, Evaluate())
    assert len(kept.done) == 12


def test_the_best_is_the_earliest_of_the_lowest() -> None:
    result = tune([plan()], Kept(), Evaluate())["m"]
    assert result.best is not None
    assert result.best.value == min(r.value for r in result.records if r.value is not None)


def test_study_many_failures_ends_with_commonest_cause() -> None:
    class Fail(Evaluate):
        def evaluate(self, job: TrialJob) -> TrialRecord:
            return TrialRecord(number=job.ask.number, state="fail", params=FrozenMap(), reason="no luck")

    kept = Kept()
    result = tune([plan(20)], kept, Fail())["m"]
    assert result.best is None
    assert result.reason == "6 of 6 trials failed, 6 of them with: no luck"
    assert len(kept.done) == 6, "it went on although the model could not succeed any more"


OTHER = StudyPlan("n", Search("other", SPACE, Sampler(seed=9), "lower", 4), Pruner(), Budget(trials=17))


class Both(Kept):
    """Records of two studies."""

    def __init__(self) -> None:
        self.of = {"m": Kept(), "n": Kept()}

    def generations(self, model: str) -> Sequence[Generation]:
        return self.of[model].generations(model)

    def trials(self, model: str) -> Sequence[TrialRecord]:
        return self.of[model].trials(model)

    def add_generation(self, model: str, generation: Generation) -> None:
        self.of[model].add_generation(model, generation)

    def add_trial(self, model: str, record: TrialRecord) -> None:
        self.of[model].add_trial(model, record)


@pytest.mark.slow
@given(seed=st.integers(0, 999), stops=st.lists(st.integers(0, 15), max_size=3))
@settings(max_examples=10, deadline=None)
def test_studies_in_parallel_equal_those_alone(seed: int, stops: list[int]) -> None:
    both, alone = Both(), {"m": Kept(), "n": Kept()}
    for stop in stops:
        with suppress(Killed):
            tune([plan(), OTHER], both, Shuffled(seed, stop))
    results = tune([plan(), OTHER], both, Shuffled(seed))
    assert list(results) == ["m", "n"]
    for study in (plan(), OTHER):
        tune([study], alone[study.model], Evaluate())
        assert both.of[study.model].asked == alone[study.model].asked
        assert both.of[study.model].done == alone[study.model].done


def test_study_continues_while_another_waits() -> None:
    both, order = Both(), list[tuple[str, int]]()

    class SlowFirst(Evaluate):
        def choose(self) -> int:
            """Those of n first, as long as there are any."""
            return min(range(len(self.waiting)), key=lambda number: self.waiting[number].model == "m")

        def evaluate(self, job: TrialJob) -> TrialRecord:
            order.append((job.model, job.ask.number))
            return objective(job)

    tune([plan(), OTHER], both, SlowFirst())
    assert order[:17] == [("n", number) for number in range(17)]


def test_draws_of_branch_taken_have_full_paths() -> None:
    kept = Kept()
    tune([plan(20, "random")], kept, Evaluate())
    for record in kept.done.values():
        goss = record.params["params.sampling"] == "goss"
        assert ("params.sampling=goss.top" in record.params) == goss
        assert ("params.penalty" in record.params) == (not record.params["params.penalty=zero?"])


def test_draws_of_labels_return_their_values() -> None:
    drawn = {
        "params.rate": 0.1,
        "params.leaves": 5,
        "params.penalty=zero?": True,
        "params.sampling": "goss",
        "params.sampling=goss.top": 0.2,
        "params.extra": False,
        "features.lags": "long",
    }
    values = params_from_draws(SPACE, drawn)
    assert values["params"] == {
        "rate": 0.1, "leaves": 5, "penalty": 0, "sampling": "goss", "top": 0.2, "extra": False,
    }  # fmt: skip
    assert values["features"] == {"lags": (1, 2, 3)}


def curve(number: int, *values: float) -> TrialRecord:
    points = tuple(CurvePoint(rounds=i, value=v) for i, v in enumerate(values))
    return TrialRecord(number=number, state="complete", params=FrozenMap(), value=min(values), curve=points)


def test_thresholds_short_curve_uses_its_best() -> None:
    limits = thresholds(
        Pruner(name="median", startup=3, warmup=1), "lower", [curve(0, 5, 6), curve(1, 4, 2, 1), curve(2, 9, 8)]
    )
    assert limits.keys == (5, 5, 5)
    assert not limits.should_stop(0, 99)  # warm-up
    assert limits.should_stop(1, 5.1)
    assert not limits.should_stop(2, 5)
    assert limits.should_stop(7, 5.1)  # beyond the longest curve the last threshold holds


def test_nothing_is_pruned_before_enough_trials_are_complete() -> None:
    limits = thresholds(Pruner(name="median", startup=3), "lower", [curve(0, 5), curve(1, 4)])
    assert not limits.should_stop(9, 1e9)


def test_thresholds_higher_metric_prunes_from_below() -> None:
    limits = thresholds(Pruner(name="percentile", startup=2, warmup=0), "higher", [curve(0, 1), curve(1, 3)])
    assert limits.should_stop(0, 2.4)
    assert not limits.should_stop(0, 2.5)


def test_thresholds_zero_metric_prunes_by_distance() -> None:
    signed = [curve(i, value) for i, value in enumerate([0.1, -0.1, 0.2, -0.2, 0.15])]
    limits = thresholds(Pruner(name="median", startup=5, warmup=0), "zero", signed)
    assert not limits.should_stop(0, -0.05)
    assert not limits.should_stop(0, 0.15)
    assert limits.should_stop(0, -0.16)
