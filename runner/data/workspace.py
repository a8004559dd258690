"""Where a worker finds the panel, and where it keeps the columns that it makes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from runner.data.saved_panel import open_panel
from runner.values.panel import Panel


@dataclass(frozen=True)
class Workspace:
    """The folders of a run as a worker sees them; a small value that travels with every job.

    An engine whose workers see other folders hands its jobs a workspace of their own: the same key, other paths.
    """

    panel: Path  # a saved panel, mapped and not read
    cache: Path  # content-addressed columns; the only place that a worker writes to
    key: str  # identity of the data and of the code that makes columns of it

    def open_panel(self) -> Panel:
        """Return the panel, its matrices mapped read-only. Raises StoreError when it is not whole."""
        return open_panel(self.panel)
