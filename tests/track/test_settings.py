"""MLflow is quiet and quick to give up while we use it, and the host process keeps its own settings."""

import logging
import os
import subprocess
import sys

import pytest

from runner.track.settings import ENVIRONMENT, mlflow_settings

LOGGER = logging.getLogger("mlflow")
IMPORTS = """
import os, pkgutil, importlib
import mlflow, mlflow.pyfunc  # which writes a variable of its own
before = dict(os.environ)
import runner, runner.run.final.served, runner.run.final.flavor, runner.track
for module in pkgutil.iter_modules(runner.track.__path__):
    importlib.import_module(f"runner.track.{module.name}")
print({name for name in before.keys() | os.environ.keys() if before.get(name) != os.environ.get(name)} or "the same")
"""


def test_importing_our_modules_keeps_the_environment():
    plain = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    done = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, env=plain)
    assert done.stdout.strip() == "the same", done.stderr


def test_settings_apply_inside_only(monkeypatch):
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    with mlflow_settings():
        assert ENVIRONMENT.items() <= os.environ.items()
    assert not ENVIRONMENT.keys() & os.environ.keys()


def test_settings_of_the_user_win(monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")
    with mlflow_settings():
        assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "60"
    assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "60"


def test_settings_last_thread_out_restores(monkeypatch):
    monkeypatch.delenv("DO_NOT_TRACK", raising=False)
    before = LOGGER.level
    first, second = mlflow_settings(), mlflow_settings()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert LOGGER.level > logging.CRITICAL
    assert os.environ["DO_NOT_TRACK"] == "true"
    second.__exit__(None, None, None)
    assert LOGGER.level == before
    assert "DO_NOT_TRACK" not in os.environ


def test_settings_end_with_an_error():
    before = LOGGER.level
    with pytest.raises(ValueError), mlflow_settings():  # noqa: PT011
        raise ValueError
    assert LOGGER.level == before
