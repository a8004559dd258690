"""Seconds until the dashboard shows its experiments, with thousands of runs in files, a local MLflow store or a server.

    python benchmarks/dashboard.py [RUNS] [EXPERIMENTS] [SOURCE ...]      SOURCE: files, sqlite, server

Two measures. *Script*: one page without a browser, with all that a new process imports (cold), and once more (warm).
*Browser*: a real headless Chromium is sent to the first page the moment the dashboard's port answers; the clock runs
from the start of the navigation to the page's outline, to the first experiment that is seen, and to the last change of
the page. Then the same in a second visit, and in a first visit ten seconds after the start.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dashboard_stores import fill_files, fill_mlflow, write_run
from rich.console import Console
from rich.table import Table
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from runner.cli.dashboard import command, environment, free_port
from runner.report.html import report_html
from runner.store.run_facts import run_facts

PAGE = """
import sys, time
from streamlit.testing.v1 import AppTest
page = f"from runner.dashboard.frame import render; render({sys.argv[1]!r})"
for _ in range(2):
    begin = time.perf_counter()
    app = AppTest.from_string(page, default_timeout=120).run()
    assert not app.exception and not app.error, (app.exception, app.error)
    assert app.sidebar.radio[0].value == sys.argv[2], app.sidebar.warning
    print(time.perf_counter() - begin)
"""
PAGES = ("portfolio", "experiment", "study", "compare")
WATCH = """
window.outline = window.firstCard = window.lastChange = window.cards = 0;
new MutationObserver(() => {
  if (!window.outline && document.querySelector('[data-testid=stMain] h1')) window.outline = performance.now();
  const cards = document.querySelectorAll('[data-testid=stMain] [data-testid=stMetric]').length;
  if (cards && !window.firstCard) window.firstCard = performance.now();
  if (cards !== window.cards) { window.cards = cards; window.lastChange = performance.now(); }
}).observe(document, {subtree: true, childList: true});
"""
SETTLED = """
const app = document.querySelector('[data-testid=stApp]');
return !!app && app.getAttribute('data-test-script-state') === 'notRunning' && window.cards > 0
  && !document.querySelector('[data-testid=stSpinner]') && performance.now() - window.lastChange > 1500
"""
PATIENCE = 90.0
SETTLING = 30.0
"""Seconds in which a new MLflow server still imports in several processes, although it answers."""


def script_seconds(environ: Mapping[str, str], page: str, kind: str) -> tuple[float, float]:
    """(cold, warm)."""
    line = [sys.executable, "-c", PAGE, page, kind]
    done = subprocess.run(line, env=dict(environ), capture_output=True, text=True, check=True)
    cold, warm = map(float, done.stdout.split())
    return cold, warm


def browser_seconds(browser: Chrome, environ: Mapping[str, str], pause: float) -> Iterator[tuple[float, ...]]:
    """(server start, outline, first card, last card) of a first visit `pause` seconds after the start, and a second."""
    port = free_port(0)
    begin = time.perf_counter()
    server = subprocess.Popen(
        command(port, browser=False), env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        await_answer(f"http://127.0.0.1:{port}/_stcore/health")
        ready = time.perf_counter() - begin
        time.sleep(pause)
        for _ in range(2):
            browser.get("about:blank")
            yield ready, *visit(browser, f"http://127.0.0.1:{port}/")
    finally:
        server.terminate()
        server.wait(30)


def visit(browser: Chrome, url: str) -> tuple[float, float, float]:
    """Seconds from the start of the navigation to the page's outline, to the first card and to the last."""
    browser.get(url)
    end = time.monotonic() + PATIENCE
    while not browser.execute_script(SETTLED):
        if time.monotonic() > end:
            raise AssertionError(browser.execute_script("return document.body.innerText"))
        time.sleep(0.1)
    outline, first, last = browser.execute_script("return [window.outline, window.firstCard, window.lastChange]")
    return outline / 1000, first / 1000, last / 1000


@contextmanager
def chromium() -> Iterator[Chrome]:
    """A browser that notes when cards appear."""
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    driver = Chrome(options=options, service=Service(shutil.which("chromedriver")))
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    try:
        yield driver
    finally:
        driver.quit()


@contextmanager
def mlflow_server(root: Path) -> Iterator[str]:
    """A real server over the local store, which has finished its own start; its address."""
    port = free_port(0)
    line = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    line += ["--backend-store-uri", f"sqlite:///{root}/mlruns/mlflow.db"]
    server = subprocess.Popen(
        line, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        await_answer(f"http://127.0.0.1:{port}/api/2.0/mlflow/experiments/search?max_results=1")
        time.sleep(SETTLING)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, 15)
        server.wait(30)


def await_answer(url: str) -> None:
    """Until it answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=20):
                return
        except (TimeoutError, urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise AssertionError(f"{url} does not answer")


@contextmanager
def prepared(source: str, runs: int, experiments: int, console: Console) -> Iterator[tuple[dict[str, str], str]]:
    """(environment of the dashboard, kind of source) over a store that has been filled."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(os.environ.get("BENCHMARK_STORE") or folder)
        begin = time.perf_counter()
        if source == "files":
            fill_files(Path(folder), runs, experiments)
            yield _environ(Path(folder)), "files"
            return
        if root == Path(folder):
            total = fill_mlflow(root, runs, experiments)
            console.print(f"{total:,} runs in MLflow, made in {time.perf_counter() - begin:.0f} s")
        if source == "sqlite":
            yield _environ(root), "mlflow"
            return
        with mlflow_server(root) as address:
            yield {**_environ(root), "MLFLOW_TRACKING_URI": address}, "mlflow"


def _environ(root: Path) -> dict[str, str]:
    """Of a dashboard whose libraries have their bytecode, as every installation has."""
    found = {key: value for key, value in environment(root, None).items() if not key.startswith("MLFLOW_")}
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**found, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "run-spec-benchmark-bytecode")}


def measure(browser: Chrome, environ: Mapping[str, str], kind: str, title: str, console: Console) -> None:
    """Print both tables of one source."""
    script_seconds(environ, PAGES[-1], kind)  # makes the bytecode
    table = Table("page", "cold s", "warm s", title=f"{title}: script")
    for page in PAGES:
        table.add_row(page, *(f"{value:.2f}" for value in script_seconds(environ, page, kind)))
    console.print(table)
    table = Table("visit", "server s", "outline s", "first card s", "last card s", title=f"{title}: Chromium")
    for pause in (0.0, 10.0):
        for number, found in enumerate(browser_seconds(browser, environ, pause)):
            label = "a second visit" if number else f"{pause:.0f} s after the start"
            table.add_row(label, *(f"{value:.2f}" for value in found))
    console.print(table)


def main() -> None:
    """Print the tables."""
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    runs, experiments = (*numbers, *(5000, 50)[len(numbers) :])
    console = Console()
    console.print(
        f"{runs:,} runs of {experiments:,} experiments; load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores"
    )
    with chromium() as browser:
        for source in [a for a in sys.argv[1:] if not a.isdigit()] or ["files", "sqlite", "server"]:
            with prepared(source, runs, experiments, console) as (environ, kind):
                measure(browser, environ, kind, source, console)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pyproject.toml").write_text("")
        facts = run_facts(write_run(Path(folder), "one", "0" * 12))
        console.print(f"report of a small run: {len(report_html(facts)) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
