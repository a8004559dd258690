"""A panel on disk is the same panel, whole or not there, and never a pickle."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from load_worlds import panel

from runner.data.saved_panel import open_panel, save_panel
from runner.errors import StoreError


def test_a_saved_panel_is_the_same_panel(tmp_path: Path) -> None:
    made = panel(tmp_path)
    save_panel(made, tmp_path / "kept")
    opened = open_panel(tmp_path / "kept")
    assert (opened.ids, opened.id_columns, opened.freq) == (made.ids, made.id_columns, made.freq)
    assert dict(opened.digests) == dict(made.digests)
    for name in ("times", "y", "start", "stop"):
        np.testing.assert_array_equal(getattr(opened, name), getattr(made, name))
    for one, other in zip(opened.covariates, made.covariates, strict=True):
        assert (one.name, one.role, one.categories) == (other.name, other.role, other.categories)
        np.testing.assert_array_equal(one.values, other.values)


def test_opened_panel_is_mapped_read_only(tmp_path: Path) -> None:
    save_panel(panel(tmp_path), tmp_path / "kept")
    y = open_panel(tmp_path / "kept").y
    assert isinstance(y, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        y[0, 0] = 1


def test_save_panel_twice_keeps_the_first(tmp_path: Path) -> None:
    made = panel(tmp_path)
    save_panel(made, tmp_path / "out" / "kept")
    save_panel(replace(made, freq="h"), tmp_path / "out" / "kept")
    assert open_panel(tmp_path / "out" / "kept").freq == "D"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["kept"]


def test_a_folder_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    save_panel(panel(tmp_path), tmp_path / "kept")
    (tmp_path / "kept" / "y.npy").unlink()
    with pytest.raises(StoreError, match="this is not a saved panel"):
        open_panel(tmp_path / "kept")


def test_a_disk_that_refuses_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="the panel cannot be written"):
        save_panel(panel(tmp_path), tmp_path / "file" / "kept")


def test_opened_panel_counts_as_used_now(tmp_path: Path) -> None:
    save_panel(panel(tmp_path), tmp_path / "kept")
    os.utime(tmp_path / "kept", (0, 0))
    open_panel(tmp_path / "kept")
    assert (tmp_path / "kept").stat().st_mtime > 0
