"""A real tracking server at a port that was chosen before, so that it can be away first."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def tracking_server(folder: Path, port: int) -> Iterator[None]:
    """It answers while this lasts; its store is `server.db` in the folder."""
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{folder}/server.db", "--artifacts-destination", f"{folder}/files"]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)
    try:
        _wait(f"http://127.0.0.1:{port}/health", folder / "server.log")
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


def _wait(address: str, log: Path) -> None:
    give_up = time.monotonic() + 300
    while time.monotonic() < give_up:
        with suppress(OSError), urlopen(address, timeout=10):
            return
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-2000:])
