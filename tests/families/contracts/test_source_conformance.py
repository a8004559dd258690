"""Every source of the project keeps the promises of the family."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from runner.members.sources.registry import SOURCES
from runner.members.sources.section import SourceSection
from runner.testing import SourceConformance

FRAME = pd.DataFrame({"time": ["2024-01-01", "2024-01-02"], "y": [1.0, 2.0]})


@pytest.mark.parametrize("kind", ["csv", "parquet", "synthetic"])
class TestEverySource(SourceConformance):
    """Every registered kind but the one that is downloaded."""

    @pytest.fixture
    def files(self, kind: str, tmp_path: Path) -> tuple[Path, ...]:
        if kind == "synthetic":
            return ()
        path = tmp_path / f"a.{kind}"
        FRAME.to_csv(path, index=False) if kind == "csv" else FRAME.to_parquet(path)
        return (path,)

    @pytest.fixture
    def section(self, kind: str, files: tuple[Path, ...]) -> SourceSection:
        written = {} if kind == "synthetic" else str(files[0])
        section: SourceSection = SOURCES[kind].spec.model_validate({kind: written})
        return section
