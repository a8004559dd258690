"""Specs -> diagnostics -> text. `lint` judges one spec, `lint_paths` several, `render` shows what was found."""

from __future__ import annotations

from runner.lint.engine import judge, lint, lint_paths, specs_at
from runner.lint.renderers import render

__all__ = ["judge", "lint", "lint_paths", "render", "specs_at"]
