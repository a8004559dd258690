"""The spec: one frozen value."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from runner.language.sections.data import Data
from runner.language.sections.evaluation import Evaluation
from runner.language.sections.forecast import ForecastTask
from runner.language.sections.models import Models
from runner.language.sections.run import Gate, Run, Tracking
from runner.language.sections.study import Study
from runner.members.features.section import Features
from runner.members.targets.section import TargetScaling, TargetSteps
from runner.members.training import Training
from runner.values.section import Section

ExperimentName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]


class Experiment(Section):
    """A forecasting experiment, version 1 of the language."""

    version: Literal[1]
    """Version of the language."""
    name: ExperimentName
    """`<project>_<objective>`; the MLflow experiment and the results folder."""
    description: str = ""
    """One sentence for the scoreboard."""
    data: Data
    """Where the history comes from and what each column is."""
    forecast: ForecastTask
    """What is asked of every model."""
    evaluation: Evaluation = Evaluation()
    """Which windows count, and how they are scored."""
    features: Features = Features()
    """What a trained model sees."""
    target: TargetSteps = TargetScaling()
    """What is done to the target: a map, or a list of steps."""
    training: Training = Training()
    """Which rows train a direct model."""
    models: Models
    """The members of the scoreboard."""
    study: Study = Study()
    """How the search is done."""
    run: Run = Run()
    """How the work is executed."""
    tracking: Tracking = Tracking()
    """What is delivered to MLflow."""
    gates: tuple[Gate, ...] = ()
    """Conditions on the best model."""
