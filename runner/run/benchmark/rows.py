"""A member's run -> its row on the scoreboard; a failure is a row too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.run.benchmark.member import LostFit, MemberRun
from runner.run.plan import Member
from runner.search.tune import StudyResult
from runner.values.records import ModelResult
from runner.values.section import FrozenMap


def member_row(
    member: Member, run: MemberRun, params: Mapping[str, Any], study: StudyResult | None, weights: Mapping[str, float]
) -> ModelResult:
    """The member's row on the scoreboard; its gain is added when the baseline is known."""
    best = study.best if study else None
    return with_study(
        ModelResult(
            model=member.name,
            kind=member.kind,
            status="ok",
            scores=FrozenMap(run.test.scores),
            windows=run.test.windows,
            params=FrozenMap(params),
            rounds=best.rounds if best else None,
            weights=FrozenMap(weights),
            fit_seconds=sum(w.fit_seconds for w in run.test.windows),
            predict_seconds=sum(w.predict_seconds for w in run.test.windows),
            n_cells=sum(w.n_cells for w in run.test.windows),
            n_samples=max((w.n_train_rows for w in run.test.windows), default=0),
            n_features=max((w.n_features for w in run.test.windows), default=0),
            fallbacks=sum(w.fallbacks for w in run.test.windows),
        ),
        study,
    )


def failed_row(member: Member, reason: str, study: StudyResult | None = None) -> ModelResult:
    """A hole on the scoreboard, with its reason."""
    return with_study(ModelResult(model=member.name, kind=member.kind, status="failed", reason=reason), study)


def lost_row(member: Member, lost: LostFit, losses: int, study: StudyResult | None = None) -> ModelResult:
    """A hole that says nothing about the model; `losses` are the commands in a row that came to this."""
    loss = {"lost": True, "losses": losses, "time_limit": lost.limit}
    return failed_row(member, lost.reason, study).model_copy(update=loss)


def with_study(row: ModelResult, study: StudyResult | None) -> ModelResult:
    """The row with what its study cost and found; a budget that grew changes that and not the scores."""
    if study is None:
        return row
    states = [record.state for record in study.records]
    return row.model_copy(
        update={
            "trial": study.best.number if study.best else None,
            "trials": FrozenMap({state: states.count(state) for state in dict.fromkeys(states)}),
            "tuning_scores": study.best.scores if study.best else FrozenMap(),
            "tuning_seconds": sum(record.seconds for record in study.records),
        }
    )
