"""What every source promises. The author of a source subclasses this with the fixtures `section` and `files`."""

from __future__ import annotations

from pathlib import Path

from runner.data.raw import RawTable, Request
from runner.data.read_source import read
from runner.members.sources.section import SourceSection


class SourceConformance:
    """`section` is the validated source, `files` what it reads (none for a source without files)."""

    def table(self, section: SourceSection, files: tuple[Path, ...]) -> RawTable:
        return read(Request(section, "data.source", files, tuple(path.name for path in files), freq="D"))

    def test_source_gives_rows_with_an_address(self, section: SourceSection, files: tuple[Path, ...]) -> None:
        table = self.table(section, files)
        assert len(table) > 0
        assert table.where(0)

    def test_source_read_twice_gives_the_same_rows(self, section: SourceSection, files: tuple[Path, ...]) -> None:
        assert self.table(section, files).data.equals(self.table(section, files).data)

    def test_source_without_files_has_a_fingerprint(self, section: SourceSection, files: tuple[Path, ...]) -> None:
        assert files or len(section.fingerprint()) == 64

    def test_source_has_a_label(self, section: SourceSection) -> None:
        assert section.label
