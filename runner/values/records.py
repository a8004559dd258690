"""What is kept: small frozen documents, each one JSON file. They are the only truth about a run.

Everything that a run knows after it was killed is here; Optuna, MLflow and the report are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError

from runner.files.checksum import DamagedError
from runner.values.section import Frozen, Section, as_values

Score = float | None
"""A metric's value; null is n/a."""
Scores = Annotated[dict[str, Score], Frozen]
Flat = Annotated[dict[str, Any], Frozen]
"""Full path in the space -> value."""
MOST_RETRIES = 2
"""How many more commands fit a model whose worker was lost."""
TrialState = Literal["complete", "pruned", "fail"]


class Ask(Section):
    """The parameters of one trial, drawn and written before anything runs."""

    number: Annotated[int, Field(ge=0)]
    """From 0 within the study."""
    params: Flat
    """Full path in the space -> value."""


class Generation(Section):
    """All asks of one generation."""

    number: Annotated[int, Field(ge=0)]
    """From 0."""
    asks: tuple[Ask, ...]
    """In order of their numbers."""


class WindowScore(Section):
    """How a candidate did on one window."""

    window: str
    """Name of the window, such as `tuning-1`."""
    scores: Scores
    """Metric -> value."""
    n_cells: int = 0
    """Cells (series x step) that counted."""
    fit_seconds: float = 0.0
    """Seconds of fitting, features included."""
    predict_seconds: float = 0.0
    """Seconds of forecasting."""
    n_train_rows: int = 0
    """Rows learnt from."""
    n_features: int = 0
    """Columns learnt from."""
    fallbacks: int = 0
    """Cells served by a simpler rule than the model's own."""


class CurvePoint(Section):
    """The tuned metric after so many rounds, over all windows."""

    rounds: int
    """Boosting rounds."""
    value: Score
    """Tuned metric."""


class TrialRecord(Section):
    """One finished trial, of any state. No forecasts."""

    number: int
    """From 0 within the study."""
    state: TrialState
    """How it ended."""
    params: Flat
    """Full path in the space -> value."""
    value: Score = None
    """Tuned metric over all tuning windows; null unless complete (a pruned one keeps its curve)."""
    scores: Scores = Field(default={}, validate_default=True)
    """Every reported metric over all tuning windows."""
    windows: tuple[WindowScore, ...] = ()
    """The same per window."""
    curve: tuple[CurvePoint, ...] = ()
    """Tuned metric by boosting rounds."""
    rounds: int | None = None
    """Boosting rounds at the best point of the curve."""
    seconds: float = 0.0
    """Monotonic duration."""
    started: str = ""
    """UTC, ISO 8601; for people and MLflow, never for decisions."""
    attempts: int = 1
    """How often it was tried."""
    peak_memory_mb: float | None = None
    """Peak memory of the process that ran it."""
    reason: str | None = None
    """Why it failed or was pruned, in one line."""


class ModelResult(Section):
    """One row of the scoreboard."""

    model: str
    """Name on the scoreboard."""
    kind: str
    """Kind of the model."""
    status: Literal["ok", "failed"]
    """A failed model is a hole, with its reason."""
    reason: str | None = None
    """Why it failed."""
    lost: bool = False
    """Whether no worker could finish it: see `should_retry`."""
    losses: int = 0
    """Commands in a row whose workers could not finish it."""
    time_limit: float | None = None
    """Seconds of the limit that ended its fit."""
    scores: Scores = Field(default={}, validate_default=True)
    """Metric -> value over all test windows."""
    windows: tuple[WindowScore, ...] = ()
    """The same per window."""
    tuning_scores: Scores = Field(default={}, validate_default=True)
    """Metric -> value over all tuning windows, where it was tuned."""
    gain: Score = None
    """Share by which the tuned metric is better than the baseline's."""
    params: Flat = Field(default={}, validate_default=True)
    """Parameters it was fitted with, full path -> value."""
    rounds: int | None = None
    """Boosting rounds."""
    trial: int | None = None
    """Number of the trial that won."""
    trials: Annotated[dict[str, int], Frozen] = Field(default={}, validate_default=True)
    """State -> number of trials."""
    weights: Annotated[dict[str, float], Frozen] = Field(default={}, validate_default=True)
    """Of a blend: member -> weight."""
    tuning_seconds: float = 0.0
    """Seconds of all its trials."""
    fit_seconds: float = 0.0
    """Seconds of fitting on all test windows."""
    predict_seconds: float = 0.0
    """Seconds of forecasting all test windows."""
    n_cells: int = 0
    """Cells that counted."""
    n_samples: int = 0
    """Rows learnt from in the largest window; for a baseline the observations it saw."""
    n_features: int = 0
    """Columns learnt from."""
    fallbacks: int = 0
    """Cells served by a simpler rule."""

    def should_retry(self, timeout: float | None) -> bool:
        """Return whether to fit again because the worker was lost; `timeout` of the command, in seconds.

        One that a time limit ended needs a longer one, since it would only end there again; one whose workers keep
        dying is left alone after a while.
        """
        if self.time_limit is not None:
            return self.lost and (timeout is None or timeout > self.time_limit)
        return self.lost and self.losses <= MOST_RETRIES


class Comparison(Section):
    """A test of equal accuracy of two models."""

    model: str
    """The one compared."""
    against: str
    """The best one."""
    statistic: Score
    """Test statistic; positive when `model` is worse."""
    p_value: Score
    """Two-sided, after correction."""
    significant: bool
    """Whether it is below alpha."""


class Scoreboard(Section):
    """The benchmark: every model on the test windows, best first, failed ones last."""

    metric: str
    """Name of the metric ranked by."""
    direction: Literal["lower", "higher", "zero"]
    """Which values are better."""
    baseline: str
    """Model every gain is measured against."""
    results: tuple[ModelResult, ...]
    """Best first."""
    comparisons: tuple[Comparison, ...] = ()
    """Against the best."""
    test_looks: int = 1
    """How many different runs of this experiment have looked at these test windows, this one included."""


RunState = Literal["running", "finished", "failed", "interrupted"]


class RunStatus(Section):
    """Where a run stands: written when it begins and when it ends. `running` with a dead pid means it was killed."""

    state: RunState
    """Where it stands."""
    exit_code: int | None = None
    """What the command ended with; null while it runs."""
    budgets: tuple[Flat, ...] = ()
    """Every `study.budget` that was worked through: the same command with one of them is a no-op."""
    started: str = ""
    """UTC, ISO 8601, of the first start."""
    execution: str = ""
    """Name of this execution in MLflow: two clones may start in one second. Of early runs the start is the name."""
    finished: str | None = None
    """UTC, ISO 8601, of the last end."""
    host: str = ""
    """Machine of the last start."""
    pid: int | None = None
    """Process of the last start."""
    last_started: str = ""
    """UTC, ISO 8601, of the last start: a younger process of that number is another."""
    code_version: str = ""
    """Version of this program."""
    overrides: tuple[str, ...] = ()
    """What `--set` changed of the spec that its results are of: such a run is no result of its experiment."""
    parents: Annotated[dict[str, str], Frozen] = Field(default={}, validate_default=True)
    """Tracking destination -> id of the latest parent run there."""
    missing: tuple[str, ...] = ()
    """Models that are missing from the scoreboard."""


@dataclass(frozen=True)
class RunSnapshot:
    """All that is delivered to a tracking server about one run: finished values, nothing that could still change."""

    name: str
    run_id: str
    status: RunStatus
    execution: str = "1"  # names the execution: a resumed one is the same, a grown budget or `--force` is another
    seed: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)  # flat: dotted path in the spec -> value
    tags: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)  # what was read -> sha256
    plan: Mapping[str, Any] = field(default_factory=dict)  # `plan.json`: columns, sizes and windows, once it is made
    studies: Mapping[str, tuple[TrialRecord, ...]] = field(default_factory=dict)  # model -> trials
    board: Scoreboard | None = None
    artifacts: tuple[tuple[Path, str], ...] = ()  # file here, folder there ("" for the top)
    models: Mapping[str, Path] = field(default_factory=dict)  # model -> folder of native files
    trials: Literal["all", "best", "none"] = "all"
    register: Literal["best", "none"] = "none"


R = TypeVar("R", bound=BaseModel)


def as_record(kind: type[R], document: Any) -> R:
    """Return the document as a record. Raises DamagedError for any other document."""
    try:
        return kind.model_validate(as_values(document))
    except ValidationError as error:
        raise DamagedError(f"not a {kind.__name__}") from error


def plain(record: BaseModel) -> Any:
    """Return the record as JSON values."""
    return record.model_dump(mode="json")
