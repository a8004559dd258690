"""Colours of every picture, as roles: Okabe and Ito (2008), which colour-blind people can tell apart.

A second sign (a dash pattern, a symbol) goes with each model, so that no picture lives by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

Theme = Literal["light", "dark"]

OKABE_ITO: Final[Mapping[str, str]] = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "red": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
    "grey": "#8A8A8A",
}
"""Role -> colour on either ground."""
INKS: Final[Mapping[Theme, Mapping[str, str]]] = {
    "light": {"ink": "#1B1F24", "muted": "#59636E", "line": "#D8DEE4", "paper": "#FFFFFF", "yellow": "#B8AC00"},
    "dark": {"ink": "#E6EAEF", "muted": "#A2ADB8", "line": "#39424C", "paper": "#14181D", "blue": "#3C9BDC"},
}
"""What differs between a light and a dark ground."""
BASELINE: Final = "orange"
MODELS: Final = ("blue", "green", "purple", "sky", "red", "yellow", "grey")
DASHES: Final = ("solid", "dash", "dot", "dashdot", "solid", "dash", "dot")
SYMBOLS: Final = ("circle", "square", "diamond", "triangle", "circle", "square", "diamond")


def colour(role: str, theme: Theme) -> str:
    """The colour of a role on that ground. Raises KeyError for a role that is none."""
    return INKS[theme].get(role) or OKABE_ITO[role]


def model_roles(models: Sequence[str], baseline: str) -> dict[str, str]:
    """Model -> role, by rank; the baseline is always the same."""
    others = [model for model in models if model != baseline]
    roles = {model: MODELS[place % len(MODELS)] for place, model in enumerate(others)}
    return roles | ({baseline: BASELINE} if baseline in models else {})


def second_sign(role: str) -> tuple[str, str]:
    """(dash pattern, symbol) that goes with a role."""
    place = MODELS.index(role) if role in MODELS else 0
    return ("dash", "square") if role == BASELINE else (DASHES[place], SYMBOLS[place])
