"""Which files a source may lead to, and that the digests are those of their bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runner.data.locate import digests, locate
from runner.errors import DataError
from runner.language.sections.data import Data, Join
from runner.members.sources.csv import CsvSource
from runner.members.sources.parquet import ParquetSource
from runner.members.sources.synthetic import Synthetic, SyntheticSource


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with two files, beside a file that is none of its business."""
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    (project / "data" / "b.csv").write_text("b")
    (project / "data" / "a.csv").write_text("a")
    (tmp_path / "secret.csv").write_text("s")
    return project


def refusal(written: str, root: Path) -> str:
    with pytest.raises(DataError) as caught:
        locate(CsvSource(csv=written), root)
    return str(caught.value)


def test_a_path_is_relative_to_the_project_root(root: Path) -> None:
    assert locate(CsvSource(csv="data/a.csv"), root) == (root.resolve() / "data/a.csv",)


def test_a_glob_gives_its_files_in_order(root: Path) -> None:
    (root / "data" / "folder.csv").mkdir()
    assert [path.name for path in locate(CsvSource(csv="data/*.csv"), root)] == ["a.csv", "b.csv"]


def test_existing_name_with_brackets_is_no_glob(root: Path) -> None:
    (root / "data" / "[ab].csv").write_text("x")
    assert [path.name for path in locate(CsvSource(csv="data/[ab].csv"), root)] == ["[ab].csv"]


@pytest.mark.parametrize(
    "written", ["../secret.csv", "data/../../secret.csv", "../*.csv", "/etc/hostname", "data/link.csv"]
)
def test_no_way_leads_out_of_the_project(root: Path, written: str) -> None:
    (root / "data" / "link.csv").symlink_to(root.parent / "secret.csv")
    assert "it is outside the project; copy the file into it, or allow its folder in" in refusal(written, root)


def test_a_glob_with_one_link_out_is_refused(root: Path) -> None:
    (root / "data" / "c.csv").symlink_to(root.parent / "secret.csv")
    assert refusal("data/*.csv", root).startswith("data.source.csv: data/c.csv: it is outside the project")


def test_a_folder_and_a_pipe_are_not_files(root: Path) -> None:
    os.mkfifo(root / "pipe.csv")
    assert refusal("data", root) == "data.source.csv: data: it is not a regular file"
    assert refusal("pipe.csv", root) == "data.source.csv: pipe.csv: it is not a regular file"


def test_a_nul_character_is_refused(root: Path) -> None:
    assert refusal("a\0.csv", root) == "data.source.csv: a path has no NUL character"


def test_a_data_root_of_the_project_is_allowed(root: Path) -> None:
    (root / "pyproject.toml").write_text('[tool.run-spec]\ndata_roots = [".."]\n')
    assert [path.name for path in locate(CsvSource(csv="../secret.csv"), root)] == ["secret.csv"]


def test_only_trusted_path_may_be_outside(root: Path) -> None:
    source = CsvSource(csv="../secret.csv")
    assert [path.name for path in locate(source, root, trusted=True)] == ["secret.csv"]
    assert locate(source, root, address="data.future", trusted=("data.future",))
    with pytest.raises(DataError, match="outside the project"):
        locate(source, root, address="data.source", trusted=("data.future",))


def test_digests_are_of_the_bytes_of_every_source(root: Path) -> None:
    data = Data(
        source=CsvSource(csv="data/*.csv"),
        time="t",
        target="y",
        join=(Join(source=SyntheticSource(synthetic=Synthetic()), keys=("k",)),),
        future=ParquetSource(parquet="data/a.csv"),
    )
    found = digests(data, root)
    assert found["data/a.csv"] == hashlib.sha256(b"a").hexdigest()
    assert list(found) == ["data/a.csv", "data/b.csv", "data.join[0].source.synthetic"]


def test_digests_of_synthetic_data_follow_its_definition(root: Path) -> None:
    def of(seed: int) -> dict[str, str]:
        return digests(Data(source=SyntheticSource(synthetic=Synthetic(seed=seed)), time="time", target="y"), root)

    assert of(1) == of(1) != of(2)


def test_locating_is_light() -> None:
    code = "import sys, runner.data.locate; print([m for m in ('numpy', 'pandas', 'pyarrow') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"
