"""A spec as text -> its diagnostics and its plan. Nothing is run, and the text is on disk only while it is read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from runner.data.load import load
from runner.data.split import keep_series
from runner.errors import Diagnostic, StoreError
from runner.language.parse import parse
from runner.lint import lint
from runner.run.plan import make_plan
from runner.run.plan_text import plan_document, plan_text

LARGEST: Final = 200_000
"""Characters of a spec."""


def diagnose(text: str, root: Path) -> tuple[Diagnostic, ...]:
    """Return every problem of the text, as of a file among the project's specs. Raises StoreError."""
    with _laid_down(text, root) as path:
        return lint(path)


def plan_of(text: str, root: Path) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return the plan in words and as a document. Raises SpecError and DataError as a run would."""
    with _laid_down(text, root) as path:
        document = parse(path)
        forecast = document.spec.forecast
        panel = load(document.spec.data, horizon=forecast.horizon, gap=forecast.gap, root=document.root, trusted=())
        plan = make_plan(document.spec, keep_series(panel, document.spec), tables=path.parent, key="preview")
        return plan_text(plan, 1), plan_document(plan)


@contextmanager
def _laid_down(text: str, root: Path) -> Iterator[Path]:
    """Write the text to a hidden file among the specs, from where `extends` and data paths are read."""
    if len(text) > LARGEST:
        raise StoreError(f"a spec of {len(text):,} characters is too long; {LARGEST:,} are read")
    folder = root / "specs" if (root / "specs").is_dir() else root
    try:
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", prefix=".pasted-", dir=folder, encoding="utf-8") as file:
            file.write(text)
            file.flush()
            yield Path(file.name)
    except UnicodeEncodeError:
        raise StoreError("the text holds half a character (a lone surrogate); paste it again") from None
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written ({error.strerror}), which checking a text needs") from None
