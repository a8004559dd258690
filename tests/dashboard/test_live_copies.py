"""What the dashboard has copied from a run is that run as it is now."""

import os
from dataclasses import replace

import pytest

from runner.dashboard.live import KEPT, Live
from runner.dashboard.source import Run
from runner.track.destination import destination


class Store:
    """One artifact, whose content changes."""

    content = b"first"

    def artifact(self, key, path):
        return self.content


@pytest.fixture
def live(tmp_path, monkeypatch):
    place = destination({}, tmp_path)
    place.database.parent.mkdir()
    place.database.touch()
    store = Store()
    monkeypatch.setattr("runner.dashboard.live.Reader", lambda place: store)
    return Live(place), store


def run(state, finished=""):
    return Run("sales", "0123456789ab", "key", state, "2024-03-01T12:00:00+00:00", finished)


def test_running_run_is_not_cached(live):
    look, store = live
    assert look.spec(run("running"))[0] == "first"
    store.content = b"second"
    assert look.spec(run("running"))[0] == "second"


def test_cached_values_expire_at_run_end(live):
    look, store = live
    look.spec(run("running"))
    store.content = b"second"
    assert look.spec(run("finished", "2024-03-01T12:10:00+00:00"))[0] == "second"


def test_copy_is_fetched_once_per_end(live):
    look, store = live
    look.spec(run("interrupted", "2024-03-01T12:10:00+00:00"))
    store.content = b"second"
    assert look.spec(run("interrupted", "2024-03-01T12:10:00+00:00"))[0] == "first"
    assert look.spec(run("finished", "2024-03-01T12:20:00+00:00"))[0] == "second"


def older(look, seconds):
    """Every copy, as if it had been made so long ago."""
    for path in look._folder.rglob("*"):
        if path.is_file():
            os.utime(path, (path.stat().st_mtime - seconds,) * 2)


def test_copy_expires_after_ten_minutes(live):
    look, store = live
    look.spec(run("finished"))
    store.content = b"second"
    older(look, KEPT - 60)
    assert look.spec(run("finished"))[0] == "first"
    older(look, 120)
    assert look.spec(run("finished"))[0] == "second"


def test_unused_copies_are_deleted(live):
    look, _ = live
    look.spec(run("finished"))
    older(look, 2 * KEPT)
    assert look.trouble() == ""
    assert [path for path in look._folder.rglob("*") if path.is_file()]
    older(look, 2 * KEPT)
    assert look.trouble() == ""
    assert not [path for path in look._folder.rglob("*") if path.is_file()]


def test_running_run_keeps_results_of_earlier_execution(live):
    look, store = live
    going = replace(run("running", "2024-03-01T12:10:00+00:00"), best_model="good")
    look.spec(going)
    store.content = b"second"
    assert look.spec(going)[0] == "first"
