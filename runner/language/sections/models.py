"""`models:` the members of the scoreboard. The key is the name; `use:` is the kind, the key itself if it is one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from runner.language.sections.features import Features, TargetScaling, Training
from runner.values.section import Frozen, Scalar, Section
from runner.values.space import Space, WideSpace

NAIVE_KINDS = ("naive", "seasonal_naive", "seasonal_growth", "drift", "moving_average", "zero")
BOOSTER_KINDS = ("lightgbm", "catboost")
COMBINATION_KINDS = ("blend",)
MODEL_KINDS = NAIVE_KINDS + BOOSTER_KINDS + COMBINATION_KINDS
KIND_TEXTS = {
    "naive": "The last value that is known, for every step ahead.",
    "seasonal_naive": "The value a season before each date: hard to beat where there is a season.",
    "seasonal_growth": "The value a season ago, with the growth since then.",
    "drift": "A straight line through the first and the last value.",
    "moving_average": "The mean of the last `window` steps.",
    "zero": "Zero: the score to beat where most values are 0.",
    "lightgbm": "Gradient boosted trees of LightGBM over all series; tuned when it has a `space`.",
    "catboost": "Gradient boosted trees of CatBoost over all series; tuned when it has a `space`.",
    "blend": "A weighted mean of other members: `{of: [a, b]}`.",
}
"""What editors say of each kind."""


class NaiveModel(Section):
    """A baseline without parameters."""

    use: Literal["naive", "seasonal_naive", "seasonal_growth", "drift", "zero"]
    """Kind: the last value, the value a season ago, that with the growth since, a straight line, or zero."""


class MovingAverageModel(Section):
    """The mean of the last steps."""

    use: Literal["moving_average"]
    """Kind of the model; the name itself is taken when it is one."""
    window: Annotated[int, Field(ge=1)] = 4
    """Steps averaged."""


class BoosterModel(Section):
    """Gradient boosted trees over many series, origins and steps; tuned when it has a space."""

    use: Literal["lightgbm", "catboost"]
    """Kind of the model; the name itself is taken when it is one."""
    params: Annotated[dict[str, Scalar], Frozen] = Field(default={}, validate_default=True)
    """Parameters of the library, fixed; aliases are understood."""
    space: Annotated[
        Annotated[WideSpace, Tag("wide")] | Annotated[Space, Tag("flat")],
        Discriminator(lambda value: _space_tag(value)),
    ] = Field(default={}, validate_default=True)
    """What is searched: parameters, or `{params: ..., features: ..., target: ..., training: ...}`."""
    features: Features | None = None
    """Instead of the common ones: a map merged over them."""
    target: TargetScaling | None = None
    """Instead of the common one: a map merged over it."""
    training: Training | None = None
    """Instead of the common one: a map merged over it."""


class BlendModel(Section):
    """A weighted mean of other members. It fails when one of them fails."""

    use: Literal["blend"]
    """Kind of the model; the name itself is taken when it is one."""
    of: Annotated[tuple[str, ...], Field(min_length=2)]
    """Names of the members."""
    weights: Literal["equal", "learnt"] = "equal"
    """`learnt`: not negative, summing to one, least absolute error on the tuning windows."""


_WIDE_KEYS = frozenset(WideSpace.model_fields)


def _space_tag(value: Any) -> str:
    if isinstance(value, WideSpace):
        return "wide"
    return "wide" if isinstance(value, dict) and value and set(value) <= _WIDE_KEYS else "flat"


def _model_tag(value: Any) -> str | None:
    kind = value.get("use") if isinstance(value, dict) else getattr(value, "use", None)
    if kind in BOOSTER_KINDS:
        return "booster"
    if kind in ("moving_average", "blend"):
        return str(kind)
    return "naive" if kind in NAIVE_KINDS else None


Model = Annotated[
    Annotated[NaiveModel, Tag("naive")]
    | Annotated[MovingAverageModel, Tag("moving_average")]
    | Annotated[BoosterModel, Tag("booster")]
    | Annotated[BlendModel, Tag("blend")],
    Discriminator(
        _model_tag,
        custom_error_type="model_kind",
        custom_error_message=f"`use` must be one of {', '.join(MODEL_KINDS)}",
    ),
]


def _name_kinds(value: Any) -> Any:
    """Write the key as `use` where the key is itself a kind."""
    if not isinstance(value, dict):
        return value
    return {
        name: {"use": name, **model} if isinstance(model, dict) and name in MODEL_KINDS else model
        for name, model in value.items()
    }


ModelName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
Models = Annotated[dict[ModelName, Model], Frozen, BeforeValidator(_name_kinds), Field(min_length=1)]
