"""Space -> draws: one function serves asking, rebuilding and reading back.

A draw is stored under its full path: `params.learning_rate`; below a branch `params.boosting=goss.top_rate`; of a
`zero_or` both the switch `params.lambda_l1=zero?` and the value. So no name ever has two distributions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from runner.values.space import (
    BoolDimension,
    BranchDimension,
    Choice,
    ChoiceDimension,
    Dimension,
    FloatDimension,
    IntDimension,
    Space,
    WideSpace,
    ZeroOrDimension,
)


@dataclass(frozen=True)
class RealRange:
    """Real numbers from low to high, both included."""

    low: float
    high: float
    log: bool
    step: float | None


@dataclass(frozen=True)
class WholeRange:
    """Whole numbers from low to high, both included."""

    low: int
    high: int
    log: bool
    step: int


@dataclass(frozen=True)
class Labels:
    """One of several plain values."""

    choices: tuple[Choice, ...]


Range = RealRange | WholeRange | Labels
Draw = Callable[[str, Range], Any]
"""(full path, range) -> value."""
Values = dict[str, dict[str, Any]]
"""Section (params, features, target, training) -> key -> value."""


def sample_space(space: Space | WideSpace, draw: Draw) -> Values:
    """Return a candidate's values, drawn in the order of the spec, active branches only."""
    wide = space if isinstance(space, WideSpace) else WideSpace(params=space)
    return {section: _sample_map(getattr(wide, section), section, draw) for section in WideSpace.model_fields}


def params_from_draws(space: Space | WideSpace, draws: Mapping[str, Any]) -> Values:
    """Return the values of recorded draws."""
    return sample_space(space, lambda path, _: draws[path])


def ranges(space: Space | WideSpace, draws: Mapping[str, Any]) -> dict[str, Range]:
    """Return the range of each recorded draw, active branches only."""
    ranges_by_path: dict[str, Range] = {}

    def look_up(path: str, within: Range) -> Any:
        ranges_by_path[path] = within
        return draws[path]

    sample_space(space, look_up)
    return ranges_by_path


def _sample_map(space: Space, prefix: str, draw: Draw) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, dimension in space.items():
        values |= _sample_dimension(name, dimension, f"{prefix}.{name}", draw)
    return values


def _sample_dimension(name: str, dimension: Dimension, path: str, draw: Draw) -> dict[str, Any]:
    match dimension:
        case FloatDimension(bounds=(low, high), log=log, step=step):
            return {name: draw(path, RealRange(low, high, log, step))}
        case IntDimension(bounds=(low, high), log=log, step=step):
            return {name: draw(path, WholeRange(low, high, log, step or 1))}
        case BoolDimension():
            return {name: draw(path, Labels((False, True)))}
        case ChoiceDimension(options=dict() as options):
            return {name: options[draw(path, Labels(tuple(options)))]}
        case ChoiceDimension(options=tuple() as options):
            return {name: draw(path, Labels(options))}
        case ZeroOrDimension(inner=inner):
            off = draw(f"{path}=zero?", Labels((False, True)))
            return {name: 0} if off else _sample_dimension(name, inner, path, draw)
        case BranchDimension(branches=branches):
            label = draw(path, Labels(tuple(branches)))
            return {name: label} | _sample_map(branches[label], f"{path}={label}", draw)
    raise AssertionError(f"unknown dimension {type(dimension).__name__}")
