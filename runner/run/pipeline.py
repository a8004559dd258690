"""The whole story of a run, one line a stage.

Nothing calls back upstream: the engine's jobs and the run folder are handed down. What is finished is on disk before
it is shown, so that the same command resumes from wherever this one was ended.
"""

from __future__ import annotations

from collections.abc import Mapping

from runner.families.engines.stop import Stop
from runner.language.sections.study import Budget
from runner.progress import Listener
from runner.results.document import BenchmarkDocument, benchmark_document
from runner.run.benchmark.board import benchmark
from runner.run.final.make import make_final_models
from runner.run.jobs import JobRunner, start_engine
from runner.run.plan import Member, Plan
from runner.run.plan_text import series_throughout, window_rows
from runner.run.prepare import announce_plan, prepare_plan
from runner.run.session import Session, now
from runner.search.ask import Search
from runner.search.tune import StudyPlan, StudyResult, tune
from runner.values.records import Scoreboard


def run(session: Session, tell: Listener, stop: Stop) -> BenchmarkDocument:
    """Load, plan, tune, benchmark and write down. Resumes from the records in the session's folder.

    Raises DataError for a fault of the data, Interrupted on a signal; what was finished is kept either way.
    """
    plan = prepare_plan(session)
    announce_plan(session, plan, tell)
    with start_engine(session, stop, tell) as engine:
        jobs = JobRunner(session, plan, engine, tell)
        studies = tune(study_plans(session, plan), session.folder, jobs)
        board = benchmark(plan, studies, session.folder, jobs.fit_winners)
        document = write_results(session, plan, studies, board)
        if session.repeats is None:
            make_final_models(plan, board, session.folder, jobs.fit_final_models, tell)
    return document


def study_plans(session: Session, plan: Plan) -> list[StudyPlan]:
    """Return one study for each member that is trained."""
    study = session.spec.study
    return [
        StudyPlan(
            member.name,
            Search(
                plan.study_key(member),
                member.space if member.space is not None else {},
                study.sampler,
                plan.setup.metric.direction,
                study.generation,
            ),
            study.pruner,
            _study_budget(session, plan, member),
        )
        for member in plan.studies
    ]


def _study_budget(session: Session, plan: Plan, member: Member) -> Budget:
    """Return the totals of one study; a reproduced one has as many trials as it had, since time does not repeat."""
    budget = session.spec.study.budget.model_copy(update={"trials": plan.trials(member)})
    if session.repeats is None or budget.time is None:
        return budget
    count = max(session.repeats.get(member.name, budget.trials), 1)
    failures = min(budget.failures * budget.trials / count, 1.0)
    return budget.model_copy(update={"trials": count, "time": None, "failures": failures})


def write_results(
    session: Session, plan: Plan, studies: Mapping[str, StudyResult], board: Scoreboard
) -> BenchmarkDocument:
    """Compact the finished studies, count the look at the test windows, and write the results document."""
    for model in studies:
        session.folder.compact(model)
    board = board.model_copy(update={"test_looks": session.count_look()})
    document = benchmark_document(
        board,
        timestamp=now(),
        name=session.spec.name,
        description=session.spec.description,
        run_id=session.run_id,
        dataset=session.dataset,
        n_series=plan.setup.panel.n_series,
        n_series_throughout=series_throughout(plan),
        windows=window_rows(plan),
    )
    session.folder.write_document("scoreboard", board.model_dump(mode="json"))
    session.folder.write_document("benchmark", document.model_dump(mode="json"))
    return document
