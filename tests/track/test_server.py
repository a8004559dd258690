"""Servers that are away, misbehave, or are real."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from mlflow import MlflowClient

from runner.track.destination import destination
from runner.track.events import events
from runner.track.sender import deliver_snapshot


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _place(tmp_path, port, user="user:hunter2@"):
    return destination({"MLFLOW_TRACKING_URI": f"http://{user}127.0.0.1:{port}"}, tmp_path)


@pytest.fixture
def misbehaving():
    """Starts a server that answers everything with one status and body."""
    servers = []

    def start(status: int, body: bytes, kind: str = "text/html", delay: float = 0) -> int:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                time.sleep(delay)
                with suppress(BrokenPipeError):  # the client may have given up
                    self.send_response(status)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        servers.append((server, thread))
        return server.server_address[1]

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


def assert_refused(snapshot, place, words: str, capfd):
    """One sentence, at once: MLflow itself would try for minutes."""
    begun = time.monotonic()
    done = deliver_snapshot(snapshot, place, (), lambda keys: None)
    assert time.monotonic() - begun < 20
    assert done.delivered == 0
    assert done.pending == len(events(snapshot))
    assert words in done.message
    assert done.message.endswith(f"{done.pending} events pending, `run-spec sync` delivers them")
    assert "hunter2" not in done.message
    assert "\n" not in done.message
    assert capfd.readouterr() == ("", "")


def test_unreachable_server_is_named_in_one_line(snapshot, tmp_path, capfd):
    assert_refused(snapshot, _place(tmp_path, _free_port()), "connection refused", capfd)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (500, b"boom", "the server is in trouble (it answers 500)"),
        (503, b"{}", "the server is in trouble (it answers 503)"),
        (401, b"", "refuses our credentials (401); set MLFLOW_TRACKING_USERNAME"),
        (403, b"<html>no</html>", "refuses our credentials (403)"),
        (200, b"<html>Welcome</html>", "is not an MLflow server; check the address"),
        (404, b"<html>?</html>", "is not an MLflow server; check the address"),
        (302, b"", "is not an MLflow server; check the address"),
    ],
)
def test_misbehaving_server_is_named_in_one_line(snapshot, tmp_path, capfd, misbehaving, status, body, words):
    assert_refused(snapshot, _place(tmp_path, misbehaving(status, body)), words, capfd)


@pytest.mark.slow
def test_silent_server_times_out_in_seconds(snapshot, tmp_path, capfd, misbehaving):
    port = misbehaving(200, b"{}", delay=4)
    assert_refused(snapshot, _place(tmp_path, port), "no answer within 3 s", capfd)


def test_an_unknown_host_is_named(snapshot, tmp_path, capfd):
    place = destination({"MLFLOW_TRACKING_URI": "http://nowhere.invalid:5000"}, tmp_path)
    done = deliver_snapshot(snapshot, place, (), lambda keys: None)
    assert done.pending == len(events(snapshot))
    assert done.message.startswith("http://nowhere.invalid:5000: ")


def _start_server(folder, port):
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += [
        "--backend-store-uri",
        f"sqlite:///{folder}/server.db",
        "--artifacts-destination",
        f"{folder}/artifacts",
    ]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)
    give_up = time.monotonic() + 90
    while time.monotonic() < give_up:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.1)
    _stop_server(process)
    raise AssertionError((folder / "server.log").read_text()[-2000:])


def _stop_server(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


@pytest.mark.slow
def test_killed_server_gets_rest_exactly_once(snapshot, tmp_path, capfd):
    port = _free_port()
    place = _place(tmp_path, port, user="")
    process = _start_server(tmp_path, port)
    marks = []

    def mark(keys):
        marks.extend(keys)
        if len(marks) == 5:
            _stop_server(process)

    try:
        begun = time.monotonic()
        cut = deliver_snapshot(snapshot, place, (), mark)
        assert time.monotonic() - begun < 60
    finally:
        if process.poll() is None:
            _stop_server(process)
    assert cut.pending == len(events(snapshot)) - 5
    assert "connection refused" in cut.message
    process = _start_server(tmp_path, port)
    try:
        done = deliver_snapshot(snapshot, place, marks, marks.extend)
        assert done.pending == 0
        assert (
            done.run_url == f"http://127.0.0.1:{port}/#/experiments/1/runs/{done.parent}?workflowType=machine_learning"
        )
        client = MlflowClient(place.uri, place.registry)
        runs = client.search_runs(["1"])
        assert len(runs) == len({run.info.run_name for run in runs}) == 8
        assert all(run.info.status != "RUNNING" for run in runs)
        assert len(client.search_model_versions("name='sales'")) == 1
        assert client.list_artifacts(done.parent, "benchmarks")[0].path == "benchmarks/benchmark.json"
    finally:
        _stop_server(process)
    assert capfd.readouterr() == ("", "")
