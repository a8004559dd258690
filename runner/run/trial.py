"""One trial: draws -> record. Runs in a worker; an error becomes the record's reason."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

from runner.families.models import ModelError
from runner.run.backtest import Result, backtest
from runner.run.plan import Plan
from runner.search.sampled_space import params_from_draws
from runner.search.tune import TrialJob
from runner.values.records import TrialRecord
from runner.values.section import FrozenMap

log = logging.getLogger(__name__)


def run_trial(job: TrialJob, plan: Plan) -> TrialRecord:
    """Return the record of one evaluation on the tuning windows; an error of a model or library is a record too."""
    started, began = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
    try:
        member = plan.member(job.model)
        assert member.space is not None, f"{job.model} has nothing to tune"
        candidate = member.candidate(params_from_draws(member.space, job.ask.params))
        result = backtest(candidate, plan.setup.windows.tuning, plan.setup, should_stop=job.limits.should_stop)
        record = _record(job, result, plan.setup.metric.name)
    except ModelError as error:
        record = failed_trial(job, str(error))
    except MemoryError:
        record = failed_trial(job, "out of memory")
    except Exception as error:
        log.exception("trial %s of %s", job.ask.number, job.model)
        lines = str(error).strip().splitlines() or [""]
        record = failed_trial(job, f"{type(error).__name__}: {lines[0]}")
    return record.model_copy(update={"started": started, "seconds": round(time.monotonic() - began, 6)})


def failed_trial(job: TrialJob, reason: str, attempts: int = 1, seconds: float = 0.0) -> TrialRecord:
    """Return the record of a failed trial."""
    return TrialRecord(
        number=job.ask.number,
        state="fail",
        params=FrozenMap(job.ask.params),
        reason=reason,
        attempts=attempts,
        seconds=seconds,
    )


def _record(job: TrialJob, result: Result, metric: str) -> TrialRecord:
    value = result.scores[metric]
    if value is None and not result.pruned:
        return failed_trial(job, f"{metric} is n/a: no cell of the tuning windows counts")
    return TrialRecord(
        number=job.ask.number,
        state="pruned" if result.pruned else "complete",
        params=FrozenMap(job.ask.params),
        value=None if result.pruned else value,
        scores=FrozenMap(result.scores),
        windows=result.windows,
        curve=result.curve,
        rounds=result.rounds,
        reason=f"worse than earlier trials after {result.curve[-1].rounds} rounds" if result.pruned else None,
    )
