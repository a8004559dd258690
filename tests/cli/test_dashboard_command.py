"""`run-spec dashboard` serves this machine only, and goes when it is told to."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from runner.cli import dashboard, main


@pytest.fixture
def served(monkeypatch):
    calls = []
    monkeypatch.setattr(dashboard, "serve", lambda line, environ: calls.append((line, environ)) or 0)
    return calls


def test_dashboard_binds_to_the_loopback(served, tmp_path):
    assert main(["dashboard", "--root", str(tmp_path), "--port", "0", "--experiment", "shop"]) == 0
    line, environ = served[0]
    assert "--server.address=127.0.0.1" in line
    assert environ["RUN_SPEC_ROOT"] == str(tmp_path)
    assert environ["RUN_SPEC_EXPERIMENT"] == "shop"


def test_dashboard_on_a_taken_port_is_one_line(served, tmp_path, capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["dashboard", "--root", str(tmp_path), "--port", str(port)]) == 2
    assert f"port {port} is taken" in capsys.readouterr().err
    assert not served


def test_dashboard_of_an_absent_folder_is_one_line(served, tmp_path, capsys):
    assert main(["dashboard", "--root", str(tmp_path / "gone")]) == 2
    assert "no such folder" in capsys.readouterr().err


def test_dashboard_configuration_binds_to_the_loopback():
    import tomllib

    settings = tomllib.loads(
        (Path(dashboard.__file__).parents[1] / "dashboard" / ".streamlit" / "config.toml").read_text()
    )
    assert settings["server"]["address"] == "127.0.0.1"
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["client"]["showErrorDetails"] == "none"
