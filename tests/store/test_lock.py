"""One run of a name at a time, with real processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from runner.errors import BusyError, StoreError
from runner.store.lock import lock, may_live

HOLD = """
import pathlib, sys, time
from runner.store.lock import lock
with lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "locks" / "sales.lock"


@pytest.fixture
def holder(path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait(timeout=10)
    process.stdout.close()


def _refused(path) -> tuple[str, float]:
    begun = time.monotonic()
    with pytest.raises(BusyError) as caught, lock(path):
        pass
    return str(caught.value), time.monotonic() - begun


def test_a_second_runner_is_told_pid_and_host_within_a_second(path, holder):
    message, seconds = _refused(path)
    assert message.startswith(f"pid {holder.pid} on host ")
    assert seconds < 1
    assert BusyError.exit_code == 75


def test_the_lock_of_a_killed_process_is_free_by_itself(path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait(timeout=10)
    with lock(path):
        message, _ = _refused(path)
        assert f"pid {holder.pid} " not in message


def test_a_name_left_by_a_dead_process_is_not_taken_for_the_holder(path, holder):
    name = path.with_name("sales.lock.holder")
    name.write_text(json.dumps({"pid": 2147483000, "host": socket.gethostname()}))
    message, seconds = _refused(path)
    assert message.startswith("another process is running")
    assert seconds < 1


def test_it_is_free_again_after_use_and_after_an_error(path):
    with pytest.raises(ZeroDivisionError), lock(path):
        raise ZeroDivisionError
    with lock(path):
        pass
    assert [p.name for p in path.parent.iterdir()] == ["sales.lock"]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "locks").write_text("")
    with pytest.raises(StoreError, match="cannot be written or read"), lock(tmp_path / "locks" / "a.lock"):
        pass


@pytest.mark.parametrize(("since", "lives"), [("", True), ("2001-01-01T00:00:00+00:00", False), ("now", True)])
def test_a_process_that_is_younger_than_the_work_only_has_its_number(since, lives):
    moment = datetime.now(UTC).isoformat() if since == "now" else since
    assert may_live(os.getpid(), socket.gethostname(), moment) is lives


@pytest.mark.parametrize("pid", [None, "x", 2**70, -1])
def test_what_is_no_process_is_not_alive(pid):
    assert not may_live(pid, socket.gethostname())


def test_of_another_machine_nobody_knows():
    assert may_live(2**22, "elsewhere", "2001-01-01T00:00:00+00:00")
