"""What the sections of sources share."""

from __future__ import annotations

from runner.values.section import Section


class SourceSection(Section):
    """Where a table comes from."""

    @property
    def pattern(self) -> str | None:
        """Path or glob of its files as written; None for a source without files of the project."""
        return None

    @property
    def label(self) -> str:
        """Name of the data in results."""
        return ""

    def fingerprint(self) -> str:
        """Return the sha256 of what defines its rows, for a source without files."""
        raise NotImplementedError
