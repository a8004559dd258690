"""A whole run in one process, without workers: load, tune, benchmark, final models."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from runner.families.models import ModelError
from runner.language.parse import parse
from runner.progress import silent
from runner.run.benchmark.board import benchmark
from runner.run.benchmark.member import MemberJob, MemberRun, fit_member
from runner.run.final.fit import FinalJob, fit_final
from runner.run.final.make import make_final_models
from runner.run.pipeline import study_plans, write_results
from runner.run.plan import Plan
from runner.run.prepare import plan_session
from runner.run.session import Session, read_session
from runner.run.trial import run_trial
from runner.search.tune import TrialJob, tune
from runner.values.records import Scoreboard, TrialRecord
from runner.values.section import FrozenMap

SPEC = """\
version: 1
name: small
data:
  source: {csv: history.csv}
  series: [shop, item]
  time: day
  target: sold
  freq: MS
  covariates: {known: [promo], observed: [price], static: [kind]}
  future: {csv: future.csv}
forecast: {horizon: 4, season: 12, quantiles: [0.1, 0.9]}
evaluation:
  metric: wape
  report: [mase]
  tuning: {windows: 2}
  test: {windows: 1}
features: {lags: [1, 2], seasonal_lags: {}, calendar: [month], ids: true}
training: {rounds: {max: 20, chunk: 10, patience: 1}}
models:
  seasonal_naive: {}
  lightgbm:
    params: {min_data_in_leaf: 3}
    space: {learning_rate: {float: [0.05, 0.3]}}
  catboost:
    params: {depth: 3}
  blend: {of: [lightgbm, catboost, seasonal_naive], weights: learnt}
study: {generation: 2, budget: {trials: 2}}
tracking: {register: best}
"""
KINDS = ("north", "south", "west")


@dataclass(frozen=True)
class World:
    """A finished run."""

    session: Session
    plan: Plan
    board: Scoreboard

    @property
    def spec(self) -> Path:
        return self.session.document.path


def write_data(root: Path, months: int = 60, horizon: int = 4) -> None:
    """Three shops with two items each: a level, a season, and promotions that are planned ahead."""
    history, future = ["shop,item,day,sold,promo,price,kind"], ["shop,item,day,promo"]
    for shop in range(3):
        for item in ("007", "b"):
            for month in range(months + horizon):
                day = f"{2015 + month // 12}-{month % 12 + 1:02d}-01"
                promo = (month * (shop + 2)) % 5 == 0
                sold = (10 + 20 * shop) * (1 + 0.3 * ((month * 7) % 12) / 12) + 5 * promo + (month * 13 % 7) / 10
                price = 1 + (month * 3 % 4) / 4
                if month < months:
                    kind = KINDS[shop]
                    history.append(f"{shop + 1},{item},{day},{sold!r},{str(promo).upper()},{price},{kind}")
                else:
                    future.append(f"{shop + 1},{item},{day},{str(promo).upper()}")
    (root / "history.csv").write_text("\n".join(history) + "\n")
    (root / "future.csv").write_text("\n".join(future) + "\n")


def finish(root: Path, text: str, *, models: bool = True) -> World:
    """Run a spec to its end in the folder `root`; the data is written unless it is there."""
    (root / "pyproject.toml").touch()
    if not (root / "history.csv").exists():
        write_data(root)
    (root / "small.yaml").write_text(text)
    session = read_session(parse(root / "small.yaml"))
    status = session.begin()
    session.folder.write_spec(text, session.spec.model_dump(mode="json"))
    session.folder.write_document("environment", session.environment())
    plan = plan_session(session)
    studies = tune(study_plans(session, plan), session.folder, _Evaluator(plan))
    board = benchmark(plan, studies, session.folder, lambda jobs: _fitted(jobs, plan))
    if models:
        make_final_models(plan, board, session.folder, lambda jobs: finally_fitted(jobs, plan), silent)
    write_results(session, plan, studies, board)
    budgets = (FrozenMap(session.budget),)
    session.folder.finish(status.model_copy(update={"state": "finished", "exit_code": 0, "budgets": budgets}))
    return World(session, plan, board)


def finally_fitted(jobs: Sequence[FinalJob], plan: Plan) -> Iterator[tuple[FinalJob, Mapping[str, bytes] | str]]:
    for job in jobs:
        try:
            yield job, fit_final(job, plan)
        except ModelError as error:
            yield job, str(error)


class _Evaluator:
    """Runs trials in this process, in order."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.waiting = plan, deque[TrialJob]()

    def submit(self, job: TrialJob) -> None:
        self.waiting.append(job)

    def outcomes(self) -> Iterator[tuple[TrialJob, TrialRecord]]:
        while self.waiting:
            job = self.waiting.popleft()
            yield job, run_trial(job, self.plan)


def _fitted(jobs: Sequence[MemberJob], plan: Plan) -> Iterator[tuple[MemberJob, MemberRun | str]]:
    for job in jobs:
        yield job, fit_member(job, plan)
