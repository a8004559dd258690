"""Colors, dashes and shapes of every chart, on light ground, on dark ground, and on a page that follows the reader.

The colors are those of Okabe and Ito (2008), which color-blind people can tell apart. A dash pattern and a shape go
with each model, so that no chart relies on color alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Ground = Literal["light", "dark", "page"]
"""`page` colors are CSS variables, which `css_variables` defines for both grounds."""

_OKABE_ITO: Final = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "red": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
    "grey": "#8A8A8A",
}
COLORS: Final[Mapping[str, Mapping[str, str]]] = {
    "light": _OKABE_ITO
    | {"ink": "#1B1F24", "muted": "#59636E", "line": "#D8DEE4", "paper": "#FFFFFF", "yellow": "#B8AC00"},
    "dark": _OKABE_ITO
    | {"ink": "#E6EAEF", "muted": "#A2ADB8", "line": "#39424C", "paper": "#14181D", "blue": "#3C9BDC"},
    "page": {name: f"var(--{name})" for name in (*_OKABE_ITO, "ink", "muted", "line", "paper")},
}
"""Ground -> role -> color. Every ground has the same roles."""
MODEL_COLORS: Final = ("blue", "green", "purple", "sky", "red", "yellow", "grey")
DASHES: Final = ((1, 0), (6, 4), (2, 3), (7, 3, 2, 3))
SHAPES: Final = ("circle", "diamond", "triangle-up", "cross", "triangle-down")
FONT: Final = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif"
LONGEST_LABEL: Final = 26
"""Characters of a name on an axis or in a legend; a longer one keeps its two ends."""
LABEL_PIXELS: Final = 175
"""Room for so many characters."""
ROOM: Final = "room"
"""Vega parameter: pixels of the place that a chart is shown in."""


@dataclass(frozen=True)
class Look:
    """How a model is drawn in every chart of a run."""

    color: str  # a role
    dash: tuple[int, ...] = DASHES[0]
    shape: str = SHAPES[0]


BASELINE: Final = Look("orange", (6, 4), "square")


def model_looks(models: Sequence[str], baseline: str) -> dict[str, Look]:
    """Return model -> look, by rank; the baseline always has the same, and no two of 35 others are alike."""
    others = [model for model in models if model != baseline]
    looks = {model: _look(place) for place, model in enumerate(others)}
    return looks | ({baseline: BASELINE} if baseline in models else {})


def _look(place: int) -> Look:
    shift = place + place // len(MODEL_COLORS)
    return Look(MODEL_COLORS[place % len(MODEL_COLORS)], DASHES[shift % len(DASHES)], SHAPES[shift % len(SHAPES)])


def css_variables(ground: Literal["light", "dark"]) -> str:
    """Return the declarations that the colors of the ground `page` stand on."""
    return " ".join(f"--{role}: {color};" for role, color in COLORS[ground].items())


def apply_theme(spec: Mapping[str, Any], ground: Ground) -> dict[str, Any]:
    """Return a chart's specification with the colors of that ground; its roles are Vega parameters."""
    roles = [{"name": role, "value": color} for role, color in COLORS[ground].items()]
    # Depends on the width, so that it follows it, and is not the width, which shrinks while axes and legend find room:
    # a legend that takes another row then is cut off.
    room = {"expr": "containerSize()[0] + 0 * width"} if spec["width"] == "container" else {"value": spec["width"]}
    return {
        **spec,
        "params": [*roles, {"name": ROOM, **room}, *spec.get("params", ())],
        "config": _config(ground),
        "autosize": {"type": "fit-x", "contains": "padding"},
    }


def _config(ground: Ground) -> dict[str, Any]:
    colors = COLORS[ground]
    ink, muted, line = colors["ink"], colors["muted"], colors["line"]
    return {
        "background": None,
        "font": FONT,
        "aria": False,
        "padding": {"left": 2, "right": 8, "top": 6, "bottom": 2},
        "view": {"stroke": None},
        "axis": {
            "aria": False,
            "labelColor": muted,
            "titleColor": muted,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "gridColor": line,
            "domainColor": line,
            "tickColor": line,
            "labelLimit": LABEL_PIXELS,
            "titleLimit": 320,
        },
        "axisX": {"grid": False, "labelFlush": False},
        "axisXQuantitative": {"tickCount": {"signal": "ceil(width / 80)"}},
        "axisY": {"domain": False, "ticks": False, "labelPadding": 6},
        "legend": {
            "aria": False,
            "orient": "top",
            "direction": "horizontal",
            "labelColor": ink,
            "labelFontSize": 12,
            "labelLimit": LABEL_PIXELS,
            "symbolSize": 90,
            "symbolStrokeWidth": 2,
            "rowPadding": 4,
            "offset": 6,
        },
        "title": {
            "anchor": "start",
            "color": ink,
            "subtitleColor": muted,
            "fontSize": 15,
            "subtitleFontSize": 12,
            "offset": 12,
        },
        "text": {"color": ink, "fontSize": 12},
        "bar": {"color": colors["blue"]},
        "line": {"strokeWidth": 2, "strokeJoin": "round"},
        "rule": {"color": muted},
        "point": {"filled": True, "size": 45, "opacity": 1},
    }
