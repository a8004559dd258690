"""A server that MLflow can use is not refused."""

import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from runner.track import client
from runner.track.client import unreachable
from runner.track.destination import destination


class Picky(BaseHTTPRequestHandler):
    """Lets in who has a header that only a plug-in of MLflow knows; `/old/...` has moved, `/slow/...` drips."""

    def do_GET(self):
        if self.path.startswith("/slow/"):
            return self.drip()
        moved = self.path.startswith("/old/")
        status = 302 if moved else 200 if self.headers.get("X-Plug-In") or "/open/" in self.path else 403
        self.send_response(status)
        if moved:
            self.send_header("Location", self.path.replace("/old/", "/open/"))
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}" if status == 200 else b"no")

    do_POST = do_GET

    def drip(self):
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            for _ in range(40):
                self.wfile.write(b" ")
                time.sleep(0.05)

    def log_message(self, *_args):
        pass


@pytest.fixture
def picky(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), Picky) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield lambda way: destination(
            {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{server.server_address[1]}/{way}"}, tmp_path
        )
        server.shutdown()
        thread.join()


def test_slow_server_answer_times_out(picky, monkeypatch):
    monkeypatch.setattr(client, "PATIENCE", 0.3)
    assert unreachable(picky("slow")) == "no whole answer within 0.3 s"


def test_redirect_is_followed_unless_forbidden(picky, monkeypatch):
    assert unreachable(picky("old")) is None
    monkeypatch.setenv("MLFLOW_ALLOW_HTTP_REDIRECTS", "false")
    assert "is not an MLflow server" in unreachable(picky("old"))


def test_a_server_that_lets_mlflow_in_is_used(picky, monkeypatch):
    assert "refuses our credentials" in unreachable(picky("x"))
    headers = {"X-Plug-In": "yes"}
    monkeypatch.setattr("mlflow.tracking.request_header.registry.resolve_request_headers", lambda: headers)
    assert unreachable(picky("x")) is None
