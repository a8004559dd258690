"""The number of draws that a study keeps is what the study itself says."""

from __future__ import annotations

import pytest

from runner.commands.diff.effects import effects
from runner.language.sections.experiment import Experiment
from runner.search.ask import Search, ask_generation
from runner.values.records import TrialRecord
from runner.values.section import as_values


def spec(lags: list[int], generation: int, startup: int) -> Experiment:
    booster = {"space": {"num_leaves": {"int": [4, 63]}}, "features": {"lags": lags}}
    tree = {
        "version": 1,
        "name": "small",
        "data": {"source": {"synthetic": {}}, "time": "time", "target": "y", "freq": "D"},
        "forecast": {"horizon": 7},
        "models": {"lightgbm": booster},
        "study": {
            "sampler": {"name": "tpe", "startup": startup},
            "generation": generation,
            "budget": {"trials": 24},
        },
    }
    return Experiment.model_validate(as_values(tree))


def asked(of: Experiment, slope: float) -> list[object]:
    """All draws of a study whose scores follow the slope."""
    space = of.models["lightgbm"].space  # type: ignore[union-attr]
    search = Search("small/lightgbm", space, of.study.sampler, "lower", of.study.generation)
    records: list[TrialRecord] = []
    for number in range(24 // of.study.generation):
        for ask in ask_generation(search, number, records).asks:
            value = slope * float(ask.params["params.num_leaves"])  # type: ignore[arg-type]
            records.append(TrialRecord(number=ask.number, state="complete", params=ask.params, value=value, seconds=1))
    return [record.params for record in sorted(records, key=lambda record: record.number)]


@pytest.mark.parametrize(("generation", "startup"), [(4, 10), (8, 10), (4, 4), (3, 7)])
def test_first_draws_are_independent_of_scores(generation: int, startup: int) -> None:
    before, after = spec([1], generation, startup), spec([1, 2], generation, startup)
    (study,) = effects(before, after).studies
    assert study.fate == "first draws"
    assert 0 < study.draws < 24
    one, other = asked(before, 1.0), asked(after, -1.0)
    assert one[: study.draws] == other[: study.draws]
    assert one[study.draws :] != other[study.draws :]
