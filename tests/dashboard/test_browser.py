"""A page's life in a real Chromium: the real server, every page, clicks, both sources, both widths, and axe-core.

Needs Debian's chromium and chromium-driver, and axe-core from npm (see package.json). Screenshots go to the folder
that RUN_SPEC_SHOTS names, else to a temporary one.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from run_worlds import write_run
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from runner.cli.dashboard import command, environment, free_port
from runner.dashboard.frame import PAGES
from runner.dashboard.serve import APP

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # selenium leaves its sockets to the collector
]
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
IN_STREAMLIT = {
    "color-contrast": "[data-testid=stCode]",  # its syntax colours and line numbers
    "scrollable-region-focusable": "[data-testid=stCode]",
    "svg-img-alt": "[data-testid=stMetric]",  # the small trend, which the figures beside it say in words
}
"""Serious findings inside Streamlit's own chrome: rule -> the only element in which it is let pass."""
PATIENCE = 40.0
DELIVER = """
import sys
from pathlib import Path
from runner.track.delivery import prepare_delivery, deliver
from runner.store.folder import Store
store = Store(Path(sys.argv[1]))
delivery = prepare_delivery(store.run("shop", sys.argv[2]), store)
print(deliver(delivery).pending)
from mlflow import MlflowClient
client = MlflowClient(delivery.place.uri, delivery.place.registry)
client.create_registered_model("shop")
client.create_model_version("shop", "file:///nowhere", tags={"run_spec.run_id": sys.argv[2]})
client.set_registered_model_alias("shop", "champion", "1")
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """Two experiments in the results folder, one of them delivered to MLflow too."""
    root = tmp_path_factory.mktemp("project")
    (root / "pyproject.toml").write_text("")
    write_run(root, "shop", "0123456789ab")
    folder = write_run(root, "shop", "ba9876543210")
    write_run(root, "transport", "aaaaaaaaaaaa")
    # In a process of its own, because MLflow warns and warnings are errors here.
    delivery = subprocess.run([sys.executable, "-c", DELIVER, str(root), folder.run_id], capture_output=True, text=True)
    assert delivery.stdout.strip() == "0", delivery.stderr
    return root


@pytest.fixture(scope="module")
def address(project) -> Iterator[str]:
    """A running dashboard."""
    port = free_port(0)
    environ = {name: value for name, value in environment(project, None).items() if name != "MLFLOW_TRACKING_URI"}
    process = subprocess.Popen(command(port, browser=False), env=environ, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait(lambda: answers(url))
        yield url
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    found = [shutil.which(name) for name in ("chromium", "chromedriver")]
    assert all(found), "the browser test needs chromium: apt-get install chromium chromium-driver"
    assert AXE.exists(), "it needs axe-core: npm install --no-package-lock --prefix tests/dashboard"
    options = ChromeOptions()
    options.binary_location = found[0]
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(flag)
    driver = Chrome(options=options, service=Service(found[1]))
    yield driver
    driver.quit()


class Page:
    """The dashboard in the browser."""

    def __init__(self, driver: Chrome, address: str, shots: Path) -> None:
        self.driver, self.address, self.shots = driver, address, shots
        shots.mkdir(parents=True, exist_ok=True)

    def open(self, path: str = "", width: int = 1440) -> None:
        self.size(width, 900)
        self.driver.get(f"{self.address}/{path}")
        self.settle()

    def size(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def settle(self) -> None:
        """Until the script has run and nothing is being drawn."""
        wait(lambda: self.js(SETTLED))
        time.sleep(0.5)
        wait(lambda: self.js(SETTLED))

    def js(self, code: str, *arguments: Any) -> Any:
        return self.driver.execute_script(code, *arguments)

    def text(self) -> str:
        return str(self.js("return document.querySelector('[data-testid=stMain]').innerText"))

    def expect(self, words: str) -> None:
        wait(lambda: words in self.text(), lambda: f"{words!r} is not in:\n{self.text()}")

    def click(self, selector: str, words: str) -> None:
        script = (
            "const all = [...document.querySelectorAll(arguments[0])];"
            "const e = all.find(e => e.innerText.trim().endsWith(arguments[1])); if (e) e.click(); return !!e"
        )
        wait(lambda: self.js(script, selector, words), lambda: f"no {selector} with {words!r}")
        time.sleep(0.4)
        self.settle()

    def shot(self, name: str) -> Path:
        """A picture of the whole page, however long."""
        width = self.js("return window.innerWidth")
        height = self.js("return document.querySelector('[data-testid=stMain]').scrollHeight")
        self.size(width, max(700, min(height + 40, 6000)))
        time.sleep(0.8)
        path = self.shots / f"{name}.png"
        data = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
        path.write_bytes(base64.b64decode(data))
        self.size(width, 900)
        return path

    def findings(self) -> list[str]:
        """Serious findings of axe-core, without the named ones in Streamlit's own chrome."""
        self.js(AXE.read_text())
        script = (
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then(r => done(r.violations))"
        )
        self.driver.set_script_timeout(60)
        found = self.driver.execute_async_script(script)
        return [
            f"{v['id']}: {node['target']} {node['html'][:160]}"
            for v in found
            if v["impact"] in ("serious", "critical")
            for node in v["nodes"]
            if not self.in_streamlit(v["id"], node["target"][0])
        ]

    def in_streamlit(self, rule: str, selector: Any) -> bool:
        """Whether a finding lies in the element in which it is let pass."""
        if rule not in IN_STREAMLIT or not isinstance(selector, str):
            return False
        script = "const e = document.querySelector(arguments[0]); return !!e && !!e.closest(arguments[1])"
        return bool(self.js(script, selector, IN_STREAMLIT[rule]))


SETTLED = """
const app = document.querySelector('[data-testid=stApp]');
return !!app && app.getAttribute('data-test-script-state') === 'notRunning' && !!document.querySelector('h1')
  && !document.querySelector('[data-testid=stSkeleton], [data-testid=stSpinner]');
"""


WAITED_FOR = "return [...document.querySelectorAll('[data-testid=stSpinner]')].map(e => e.innerText).join()"


class Slow(BaseHTTPRequestHandler):
    """A tracking server with one experiment and without runs, which takes two seconds for each answer."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(2)
        experiment = {"name": "sales", "experiment_id": "1"}
        body = json.dumps({"experiments": [experiment]} if "experiments" in self.path else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_: Any) -> None:
        """Silence."""


@pytest.fixture
def slow_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser, address, tmp_path) -> Page:
    shots = Path(os.environ.get("RUN_SPEC_SHOTS") or tmp_path)
    return Page(browser, address, shots)


def wait(met: Callable[[], Any], complaint: Callable[[], str] = lambda: "it took too long") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if met():
            return
        time.sleep(0.1)
    raise AssertionError(complaint())


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


SHOWN = {
    "portfolio": "+50.0% against seasonal_naive",
    "experiment": "good is 50.0% better than the baseline seasonal_naive.",
    "study": "Optimization history",
    "forecasts": "Residuals of",
    "compare": "What came of it",
    "spec": "What the linter says today",
}


def test_every_page_opens_by_clicks(page):
    page.open("?source=files&experiment=shop")
    for key, (title, _, _) in PAGES.items():
        page.click("[data-testid=stSidebarNav] a", title)
        assert page.js("return document.querySelector('h1').innerText").strip() == title
        page.expect(SHOWN[key])
        assert "Traceback" not in page.text()
        assert page.shot(f"{key}-1440").stat().st_size > 10_000


@pytest.mark.parametrize("key", PAGES)
def test_no_page_is_wider_than_a_telephone(page, key):
    page.open(f"{'' if key == 'portfolio' else key}?source=files&experiment=shop", width=390)
    page.expect(SHOWN[key])
    assert page.js("return document.documentElement.scrollWidth") <= 390
    page.shot(f"{key}-390")


@pytest.mark.parametrize("ground", ["light", "dark"])
@pytest.mark.parametrize("key", PAGES)
def test_axe_finds_nothing_serious_of_ours(page, key, ground):
    media = {"features": [{"name": "prefers-color-scheme", "value": ground}]}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    page.open(f"{'' if key == 'portfolio' else key}?source=files&experiment=shop")
    page.expect(SHOWN[key])
    try:
        assert page.findings() == []
        if ground == "dark":
            page.shot(f"{key}-dark")
    finally:
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_the_source_is_switched_in_the_sidebar(page):
    page.open("?source=files&experiment=shop")
    page.expect("2 experiments")
    page.click("[data-testid=stSidebar] label", "MLflow (Live)")
    page.expect("1 experiment,")
    page.expect("champion: version 1")
    assert "source=mlflow" in page.driver.current_url
    for key, (title, _, _) in PAGES.items():
        page.click("[data-testid=stSidebarNav] a", title)
        page.expect(SHOWN[key] if key != "compare" else "Choose two runs")
    page.shot("spec-mlflow")


def test_a_series_is_picked_by_search(page):
    page.open("forecasts?source=files&experiment=shop")
    page.expect("Series s")
    field = page.driver.find_element("css selector", "input[placeholder^='part of an id']")
    field.send_keys("s4\n")
    page.expect("Series s4")
    assert "series=s4" in page.driver.current_url
    page.shot("forecasts-series")


def test_link_opens_run_and_series(page):
    page.open("forecasts?source=files&experiment=shop&run=0123456789ab&series=s2")
    page.expect("Series s2")
    assert "run=0123456789ab" in page.driver.current_url


def test_a_file_is_uploaded_and_scored(page, tmp_path):
    (tmp_path / "mine.csv").write_text("actual,predicted\n100,110\n200,180\n")
    page.open("forecasts?source=files&experiment=shop")
    page.click("[data-testid=stExpander] summary", "Look at a file of your own")
    page.driver.find_element("css selector", "input[type=file]").send_keys(str(tmp_path / "mine.csv"))
    page.expect("Predicted against actual")
    page.expect("10.00%")


def test_an_empty_project_is_welcomed(browser, tmp_path):
    port = free_port(0)
    process = subprocess.Popen(command(port, browser=False), env=environment(tmp_path, None), stdout=subprocess.DEVNULL)
    try:
        wait(lambda: answers(f"http://127.0.0.1:{port}"))
        page = Page(browser, f"http://127.0.0.1:{port}", Path(os.environ.get("RUN_SPEC_SHOTS") or tmp_path))
        page.open()
        page.expect("Nothing has been run yet")
        page.shot("empty-1440")
    finally:
        process.terminate()
        process.wait(20)


def test_what_is_waited_for_is_said(browser, tmp_path, slow_server):
    environ = {**environment(tmp_path, None), "MLFLOW_TRACKING_URI": slow_server}
    port = free_port(0)
    process = subprocess.Popen(command(port, browser=False), env=environ, stdout=subprocess.DEVNULL)
    try:
        wait(lambda: answers(f"http://127.0.0.1:{port}"))
        page = Page(browser, f"http://127.0.0.1:{port}", Path(os.environ.get("RUN_SPEC_SHOTS") or tmp_path))
        page.size(1440, 900)
        browser.get(page.address)
        for words in ("Asking MLflow ...", "Reading experiments ...", "Reading results ..."):
            wait(lambda words=words: words in page.js(WAITED_FOR), lambda words=words: f"no {words!r}")
            page.shot(f"waiting-{words.split()[1].lower()}-1440")
        page.settle()
        page.expect("There are no results yet.")
    finally:
        process.terminate()
        process.wait(20)


def test_streamlit_run_serves_the_working_directory(browser, project, tmp_path):
    (project / "specs").mkdir(exist_ok=True)
    # A configuration of the user's that would open it to everybody.
    (project / "specs" / ".streamlit").mkdir(exist_ok=True)
    (project / "specs" / ".streamlit" / "config.toml").write_text('[server]\naddress = "0.0.0.0"\n')
    port = free_port(0)
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "RUN_SPEC_"))}
    line = [sys.executable, "-m", "streamlit", "run", str(APP), f"--server.port={port}"]
    process = subprocess.Popen(line, cwd=project / "specs", env=environ, stdout=subprocess.DEVNULL)
    try:
        wait(lambda: answers(f"http://127.0.0.1:{port}"))
        assert listening(port) == {"127.0.0.1"}
        page = Page(browser, f"http://127.0.0.1:{port}", tmp_path)
        page.open("?source=files&experiment=shop")
        for key, (title, _, _) in PAGES.items():
            page.click("[data-testid=stSidebarNav] a", title)
            page.expect(SHOWN[key])
        ground = "return getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
        assert page.js(ground) in ("rgb(255, 255, 255)", "rgb(20, 24, 29)")
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(project / "specs")


def listening(port: int) -> set[str]:
    """Addresses on which the port is open, from the kernel's table."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    found = {row[1].partition(":")[0] for row in rows if row[3] == "0A" and int(row[1].partition(":")[2], 16) == port}
    return {".".join(str(byte) for byte in reversed(bytes.fromhex(address))) for address in found}


def test_the_report_opens_from_disk_with_nothing_serious(browser, project, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "runner", "report", "shop"], cwd=project, capture_output=True, text=True
    )
    page = Page(browser, "", tmp_path)
    page.size(1440, 900)
    browser.get(Path(done.stdout.strip()).as_uri())
    assert "50.0% better" in page.js("return document.querySelector('h1').innerText")
    page.js("document.querySelector('table.sortable th:nth-child(3) button').click()")
    assert page.js("return document.querySelector('th[aria-sort]').ariaSort") == "ascending"
    assert [f for f in page.findings() if f] == []
    page.size(390, 800)
    assert page.js("return document.documentElement.scrollWidth") <= 390
