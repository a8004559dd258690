"""A store that somebody keeps locked is waited for with a word, and not for ever."""

import json
import logging
import os
import socket
import threading

import pytest
from filelock import FileLock

from runner.cli import main
from runner.errors import StoreError
from runner.store.lock import lock_owner
from runner.track import waiting
from runner.track.waiting import WORDS, only_one


@pytest.fixture(autouse=True)
def _short_of_patience(monkeypatch):
    monkeypatch.setattr(waiting, "_PATIENCE", 0.4)
    monkeypatch.setattr(waiting, "_UNTOLD", 0.1)
    monkeypatch.setattr(waiting, "_given_up", {})


@pytest.fixture
def database(tmp_path):
    return tmp_path / "mlruns" / "mlflow.db"


@pytest.fixture
def keep(database):
    """Keep the lock, as another program does, until the test or the function it is handed ends."""
    database.parent.mkdir()
    ends, begun = threading.Event(), threading.Event()

    def work():
        with FileLock(database.with_suffix(".lock")):
            begun.set()
            ends.wait(20)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(20)
    yield ends
    ends.set()
    thread.join()


def test_who_waits_is_told_and_ends_with_a_sentence(database, keep, caplog):
    with pytest.raises(TimeoutError, match="another process keeps mlflow"), only_one(database):
        pass
    (record,) = caplog.records
    assert (record.name, record.levelno) == (WORDS, logging.WARNING)
    assert "another process has it locked; waiting for at most 0 s" in record.getMessage()


def test_a_lock_that_was_given_up_is_waited_for_once(database, keep, caplog, monkeypatch):
    with pytest.raises(TimeoutError), only_one(database):
        pass
    monkeypatch.setattr(waiting, "_PATIENCE", 1e6)
    with pytest.raises(TimeoutError), only_one(database):
        pass
    assert len(caplog.records) == 1


def test_a_lock_that_comes_free_in_time_is_taken(database, keep, caplog):
    threading.Timer(0.2, keep.set).start()
    with only_one(database):
        assert len(caplog.records) == 1


def test_the_holder_is_named_where_it_is_one_of_ours(database, keep):
    host = socket.gethostname()
    for pid, told in ((os.getpid(), f"pid {os.getpid()} on host {host}"), (2**22 + 1, "another process")):
        database.with_name("mlflow.lock.owner").write_text(json.dumps({"pid": pid, "host": host}))
        with pytest.raises(TimeoutError, match=told), only_one(database):
            pass


def test_who_has_the_lock_signs_and_leaves_no_name_behind(database):
    with only_one(database):
        assert lock_owner(database.with_suffix(".lock")) == f"pid {os.getpid()} on host {socket.gethostname()}"
    assert lock_owner(database.with_suffix(".lock")) is None


def test_where_no_lock_can_be_it_is_said_at_once(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written or read"), only_one(tmp_path / "file" / "mlflow.db"):
        pass


def test_the_command_line_says_what_it_waits_for(database, keep, tmp_path, monkeypatch, capsys):
    (tmp_path / "pyproject.toml").touch()
    database.touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert main(["compare", "--source", "mlflow"]) == 5
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(": another process ")[2] for line in said] == [
        "has it locked; waiting for at most 0 s",
        "keeps mlflow.lock locked; wait for it or stop it; run the same command again",
    ]
