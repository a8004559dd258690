"""Plug-ins are found by their entry points, and their sources are hashed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import invalidate_caches
from pathlib import Path

import pytest

from runner.cli import main
from runner.errors import PluginError
from runner.members.metrics.registry import METRICS
from runner.members.plugins import Plugin, find_plugin

LIGHT = """
from runner.members.member import Member
from runner.members.metrics.section import MetricRef
class {title}Ref(MetricRef):
    weight: float = 1.0
METRIC = Member("{name}", {title}Ref, "{load}", "A metric.", traits=frozenset({{"lower_is_better"}}))
"""

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Write a distribution with one metric and its files, as pip would install it."""
    before = {*sys.modules}

    def write(name: str, module: str, files: dict[str, str]) -> Path:
        info = tmp_path / f"{name}-1.0.dist-info"
        texts = {
            info / "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
            info / "entry_points.txt": f"[run_spec.metrics]\n{name} = {module}:METRIC\n",
            **{tmp_path / path: text for path, text in files.items()},
        }
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        invalidate_caches()
        find_plugin.cache_clear()
        return tmp_path

    monkeypatch.syspath_prepend(tmp_path)
    yield write
    find_plugin.cache_clear()
    for module in {*sys.modules} - before:
        if str(tmp_path) in str(getattr(sys.modules[module], "__path__", getattr(sys.modules[module], "__file__", ""))):
            del sys.modules[module]


def light(name: str, load: str) -> str:
    return LIGHT.format(name=name, title=name.title(), load=load)


def installed(name: str) -> Plugin:
    plugin = METRICS.plugin(name)
    assert plugin is not None
    return plugin


def test_digest_package_changes_with_its_sources(install: Install) -> None:
    files = {"acme1/__init__.py": "", "acme1/light.py": light("one", "acme1.heavy:one"), "acme1/heavy.py": "one = 1\n"}
    folder = install("one", "acme1.light", files)
    before = installed("one").digest()
    (folder / "acme1" / "heavy.py").write_text("one = 2\n")
    assert before != installed("one").digest()


def test_digest_namespace_package_changes_with_its_sources(install: Install) -> None:
    files = {"acme2/light.py": light("two", "acme2.deep.heavy:two"), "acme2/deep/heavy.py": "two = 1\n"}
    folder = install("two", "acme2.light", files)
    before = installed("two").digest()
    (folder / "acme2" / "deep" / "heavy.py").write_text("two = 2\n")
    assert before != installed("two").digest()


def test_digest_heavy_half_elsewhere_is_hashed(install: Install) -> None:
    files = {"acme3.py": light("three", "acme3_heavy.code:three"), "acme3_heavy/code.py": "three = 1\n"}
    folder = install("three", "acme3", files)
    before = installed("three").digest()
    (folder / "acme3_heavy" / "code.py").write_text("three = 2\n")
    assert before != installed("three").digest()


def test_digest_line_ends_do_not_count(install: Install) -> None:
    folder = install("four", "acme4", {"acme4.py": light("four", "acme4:four")})
    before = installed("four").digest()
    (folder / "acme4.py").write_bytes((folder / "acme4.py").read_bytes().replace(b"\n", b"\r\n"))
    assert before == installed("four").digest()


@pytest.mark.parametrize("load", ["acme5_absent:five", "acme5_empty:five"])
def test_digest_without_sources_raises(install: Install, load: str) -> None:
    install("five", "acme5", {"acme5.py": light("five", load), "acme5_empty/data.txt": ""})
    with pytest.raises(PluginError, match=r"five: no sources of `acme5_.*hint: "):
        installed("five").digest()


def test_schema_broken_plugin_costs_itself_only(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("broken", "acme6", {"acme6.py": "raise RuntimeError('no')\n"})
    install("rmse", "acme7", {"acme7.py": light("rmse", "acme7:rmse")})
    install("seven", "acme8", {"acme8.py": light("seven", "acme8:seven")})
    assert main(["schema"]) == 0
    printed = capsys.readouterr()
    assert '"seven"' in printed.out
    assert printed.err.splitlines() == [
        "warning: metrics.broken: the plug-in broken cannot be imported (RuntimeError: no)",
        "warning: metrics: the plug-in rmse takes the name of the built-in `rmse`",
    ]
