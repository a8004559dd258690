"""Least absolute deviations: descriptor, section and parameter table."""

from typing import ClassVar, Final

from runner.members.member import Member
from runner.members.models.section import TrainedModel
from runner.members.parameters import ParameterTable


class LinearModel(TrainedModel):
    """A linear model of least absolute errors over many series, origins and steps; tuned when it has a space."""

    parameters: ClassVar[ParameterTable] = ParameterTable("linear", "linear_parameters.json")


LINEAR: Final = Member(
    "linear",
    LinearModel,
    "runner.families.models.linear:linear",
    "A linear model of least absolute errors on the same rows: what trees have to beat.",
    traits=frozenset({"trained"}),
)
