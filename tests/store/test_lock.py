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


def test_lock_held_elsewhere_names_pid_and_host(path, holder):
    message, seconds = _refused(path)
    assert message.startswith(f"pid {holder.pid} on host ")
    assert seconds < 1
    assert BusyError.exit_code == 75


def test_lock_of_a_killed_process_is_free(path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait(timeout=10)
    with lock(path):
        message, _ = _refused(path)
        assert f"pid {holder.pid} " not in message


def test_lock_owner_that_died_is_not_named(path, holder):
    name = path.with_name("sales.lock.owner")
    name.write_text(json.dumps({"pid": 2147483000, "host": socket.gethostname()}))
    message, seconds = _refused(path)
    assert message.startswith("another process is running")
    assert seconds < 1


def test_lock_is_released_after_an_error(path):
    with pytest.raises(ZeroDivisionError), lock(path):
        raise ZeroDivisionError
    with lock(path):
        pass
    assert [p.name for p in path.parent.iterdir()] == ["sales.lock"]


def test_lock_below_a_file_is_one_line(tmp_path):
    (tmp_path / "locks").write_text("")
    with pytest.raises(StoreError, match="cannot be written or read"), lock(tmp_path / "locks" / "a.lock"):
        pass


@pytest.mark.parametrize(("since", "lives"), [("", True), ("2001-01-01T00:00:00+00:00", False), ("now", True)])
def test_may_live_rejects_a_younger_process(since, lives):
    moment = datetime.now(UTC).isoformat() if since == "now" else since
    assert may_live(os.getpid(), socket.gethostname(), moment) is lives


@pytest.mark.parametrize("pid", [None, "x", 2**70, -1])
def test_may_live_of_an_invalid_pid_is_false(pid):
    assert not may_live(pid, socket.gethostname())


def test_may_live_on_another_machine_is_true():
    assert may_live(2**22, "elsewhere", "2001-01-01T00:00:00+00:00")
