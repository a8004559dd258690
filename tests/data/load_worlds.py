"""Tiny tables written to a folder, and the `data:` sections that read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runner.data.load import load
from runner.language.sections.data import Data
from runner.values.panel import Panel
from runner.values.section import as_values

TIDY = """shop,date,sales,promo,region
a,2024-01-01,10,0,N
a,2024-01-02,11,1,N
a,2024-01-03,12,0,N
b,2024-01-02,20.5,1,S
b,2024-01-03,21.5,0,S
"""


def section(**changes: Any) -> Data:
    """The section that reads TIDY, with some keys changed."""
    tree: dict[str, Any] = {
        "source": {"csv": "a.csv"},
        "series": ["shop"],
        "time": "date",
        "target": "sales",
        "freq": "D",
        "covariates": {"known": ["promo"], "static": ["region"]},
        **changes,
    }
    return Data.model_validate(as_values(tree))


def panel(root: Path, text: str | bytes = TIDY, *, horizon: int = 2, gap: int = 0, **changes: Any) -> Panel:
    """The panel of `text`, written to `a.csv`."""
    (root / "a.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(section(**changes), horizon=horizon, gap=gap, root=root)
