"""The small values that every section of the language is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema

K = TypeVar("K")
V = TypeVar("V")

Scalar = bool | int | float | str


class Section(BaseModel):
    """A map of the language: frozen, strict, and unknown keys are refused."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        validate_default=True,
        serialize_by_alias=True,
    )


class FrozenMap(dict[K, V]):
    """A dict that cannot be written once made: pydantic's `frozen` stops at the attribute."""

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("a spec is a value and cannot be changed")

    __setitem__ = __delitem__ = _refuse
    clear = pop = popitem = setdefault = update = __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[dict[K, V]]]:
        return (FrozenMap, (dict(self),))


def _freeze(value: Mapping[K, V]) -> FrozenMap[K, V]:
    return FrozenMap(value)


Frozen = AfterValidator(_freeze)
"""Annotates a `dict[...]` field whose value must not be written."""

_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_PERCENTAGE = re.compile(r"(\d+(?:\.\d+)?)%")


def parse_duration(value: object) -> float:
    """Return the seconds of `90s`, `10m` or `2h`. Raises ValueError for anything else."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("write a duration as 90s, 10m or 2h")
    return float(match["number"]) * _SECONDS[match["unit"]]


def parse_percentage(value: object) -> float:
    """Return the fraction of `20%`. Raises ValueError for anything else, and above 100%."""
    match = _PERCENTAGE.fullmatch(value) if isinstance(value, str) else None
    if match is None or float(match[1]) > 100:
        raise ValueError("write a percentage between 0% and 100%, such as 20%")
    return float(match[1]) / 100


def _decimal(number: float) -> str:
    """Return digits without an exponent, which the patterns above would refuse."""
    return f"{number:.10f}".rstrip("0").rstrip(".")


Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    PlainSerializer(lambda seconds: f"{_decimal(seconds)}s", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?(s|m|h)$"}),
]
"""Seconds, written `90s`, `10m` or `2h`."""

Percentage = Annotated[
    float,
    BeforeValidator(parse_percentage),
    PlainSerializer(lambda fraction: f"{_decimal(fraction * 100)}%", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?%$"}),
]
"""A fraction from 0 to 1, written `20%`."""


def as_values(tree: Any) -> Any:
    """Return the tree with every list as a tuple: strict validation needs it for a `tuple` field."""
    if isinstance(tree, dict):
        return {key: as_values(value) for key, value in tree.items()}
    return tuple(as_values(value) for value in tree) if isinstance(tree, list | tuple) else tree
