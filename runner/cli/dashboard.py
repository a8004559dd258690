"""Run `run-spec dashboard`: the Streamlit app over this project's results, on this machine only."""

from __future__ import annotations

import argparse
import importlib.util
import os
import socket
import sys
from pathlib import Path
from typing import Final, NoReturn

from runner.errors import UsageError
from runner.language.project import find_root

ADDRESS: Final = "127.0.0.1"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the dashboard."""
    parser.add_argument("--port", type=int, default=8501, help="default 8501; 0 for any free port")
    parser.add_argument("--root", type=Path, default=None, help="the project's folder; default: the current project")
    parser.add_argument("--experiment", default=None, help="the experiment to open with")
    parser.add_argument("--browser", action="store_true", help="open it in the browser")


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted. Raises UsageError when the port is taken or Streamlit is not installed."""
    if importlib.util.find_spec("streamlit") is None:
        raise UsageError("the dashboard needs Streamlit, which is not installed; install run-spec again")
    root = options.root.resolve() if options.root else find_root(Path.cwd() / "specs")
    if not root.is_dir():
        raise UsageError(f"{root}: there is no such folder; name the project's folder with --root")
    port = free_port(options.port)
    return serve(command(port, browser=options.browser), environment(root, options.experiment))


def serve(line: list[str], environ: dict[str, str]) -> NoReturn:
    """Replace this process by the server, so that a signal to it ends the server."""
    os.execve(line[0], line, environ)


def command(port: int, *, browser: bool) -> list[str]:
    """The server's command line; the address is given here too, so that no configuration of the user opens it."""
    flags = [f"--server.address={ADDRESS}", f"--server.port={port}", f"--server.headless={str(not browser).lower()}"]
    return [sys.executable, "-m", "runner.dashboard.serve", *flags]


def environment(root: Path, experiment: str | None) -> dict[str, str]:
    """Return the environment variables that the app reads."""
    own = {"RUN_SPEC_ROOT": str(root)} | ({"RUN_SPEC_EXPERIMENT": experiment} if experiment else {})
    return {**os.environ, **own}


def free_port(wanted: int) -> int:
    """The port, or any for 0. Raises UsageError when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, wanted))
        except (OSError, OverflowError):
            raise UsageError(f"port {wanted} is taken on {ADDRESS}; choose another with --port, or 0 for any") from None
        return int(probe.getsockname()[1])
