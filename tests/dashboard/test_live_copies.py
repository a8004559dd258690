"""What the dashboard has copied from a run is that run as it is now."""

import pytest

from runner.dashboard.live import Live
from runner.dashboard.source import Run
from runner.track.destination import destination


class Store:
    """One artefact, whose content changes."""

    content = b"first"

    def artefact(self, key, path):
        return self.content


@pytest.fixture
def live(tmp_path, monkeypatch):
    place = destination({}, tmp_path)
    place.database.parent.mkdir()
    place.database.touch()
    store = Store()
    monkeypatch.setattr("runner.dashboard.live.glancer", lambda place: store)
    return Live(place), store


def run(state, finished=""):
    return Run("sales", "0123456789ab", "key", state, "2024-03-01T12:00:00+00:00", finished)


def test_of_a_run_that_goes_on_nothing_is_kept(live):
    look, store = live
    assert look.spec(run("running"))[0] == "first"
    store.content = b"second"
    assert look.spec(run("running"))[0] == "second"


def test_what_was_seen_of_a_run_before_its_end_is_not_shown_after_it(live):
    look, store = live
    look.spec(run("running"))
    store.content = b"second"
    assert look.spec(run("finished", "2024-03-01T12:10:00+00:00"))[0] == "second"


def test_another_end_is_another_copy_and_the_same_end_is_fetched_once(live):
    look, store = live
    look.spec(run("interrupted", "2024-03-01T12:10:00+00:00"))
    store.content = b"second"
    assert look.spec(run("interrupted", "2024-03-01T12:10:00+00:00"))[0] == "first"
    assert look.spec(run("finished", "2024-03-01T12:20:00+00:00"))[0] == "second"
