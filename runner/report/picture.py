"""A chart with its words, and its files: SVG for a page without scripts, PNG for a folder of plots."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import vl_convert

from runner.report.theme import Ground, apply_theme

WIDTH: Final = 720
SCALE: Final = 1.5
"""Pixels of a PNG for each of the chart."""


@dataclass(frozen=True)
class Picture:
    """A Vega-Lite chart without colors of its own, and what a page writes around it."""

    key: str  # names files and anchors
    title: str
    spec: Mapping[str, Any]
    note: str = ""  # how to read it
    summary: str = ""  # what it shows, for those who cannot see it
    wide: bool = False  # takes the whole width of a page

    @property
    def alternative(self) -> str:
        """Return the text that is read aloud in its place."""
        return f"{self.title}. {self.summary or self.note}".strip()


def browser_spec(picture: Picture, ground: Ground) -> dict[str, Any]:
    """Return the specification that a browser draws, as wide as its container."""
    return {**apply_theme(picture.spec, ground), "description": picture.alternative}


def draw_svg(picture: Picture, ground: Ground = "page", width: int = WIDTH) -> str:
    """Return the chart as an `<svg>` element without what only a pointer finds."""
    layers = [layer for layer in picture.spec.get("layer", ()) if not str(layer.get("name", "")).startswith("hover")]
    spec = {**picture.spec, **({"layer": layers} if layers else {})}
    return vl_convert.vegalite_to_svg(apply_theme({**spec, "width": width}, ground))


def draw_png(picture: Picture, ground: Ground = "light", width: int = WIDTH) -> bytes:
    """Return the chart with its title and its summary as PNG bytes."""
    words = {"text": textwrap.wrap(picture.title, 80), "subtitle": textwrap.wrap(picture.summary, 105)[:4]}
    spec = apply_theme({**picture.spec, "title": words, "width": width, "padding": 12}, ground)
    spec["config"]["background"] = "#FFFFFF" if ground != "dark" else "#14181D"
    return vl_convert.vegalite_to_png(spec, scale=SCALE)
