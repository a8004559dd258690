"""Two runs are the same run exactly when nothing that makes numbers differs."""

import subprocess

import pytest

from runner.store import identity

SPEC = {
    "name": "sales",
    "description": "a",
    "data": {"source": {"csv": "a.csv"}},
    "evaluation": {"metric": "wape"},
    "forecast": {"horizon": 13},
    "study": {"sampler": {"seed": 1}, "budget": {"trials": 20}, "generation": 8},
    "run": {"workers": 2},
    "tracking": {"trials": "all"},
}


def _identity(code="c1", libraries=(("numpy", "2.4"),), plugins=()):
    return identity.Identity(code, dict(libraries), dict(plugins))


BASE = {"resolved": SPEC, "data_digests": {"a.csv": "d1"}, "identity": _identity()}


def test_run_id_is_twelve_stable_hex_digits():
    assert identity.run_id(**BASE) == identity.run_id(**BASE)
    assert len(identity.run_id(**BASE)) == 12
    assert int(identity.run_id(**BASE), 16) >= 0


@pytest.mark.parametrize(
    "change",
    [
        {"resolved": SPEC | {"data": {"source": {"csv": "b.csv"}}}},
        {"resolved": SPEC | {"study": SPEC["study"] | {"generation": 4}}},
        {"resolved": SPEC | {"study": SPEC["study"] | {"warm_start": "abc"}}},
        {"data_digests": {"a.csv": "d2"}},
        {"data_digests": {"a.csv": "d1", "b.csv": "d2"}},
        {"identity": _identity(code="c2")},
        {"identity": _identity(libraries=[("numpy", "2.5")])},
        {"identity": _identity(libraries=[("numpy", "2.4"), ("run-spec", "0.2")])},
        {"identity": _identity(plugins=[("models.holt", "run-spec-holt 0.1 abc")])},
    ],
)
def test_run_id_changes_with_spec_data_code_and_libraries(change):
    assert identity.run_id(**BASE) != identity.run_id(**(BASE | change))


@pytest.mark.parametrize(
    "change",
    [
        {"resolved": SPEC | {"description": "b"}},
        {"resolved": SPEC | {"run": {"workers": 8}}},
        {"resolved": SPEC | {"tracking": {"trials": "none"}}},
        {"resolved": SPEC | {"study": SPEC["study"] | {"budget": {"trials": 40}}}},
        {"resolved": dict(reversed(SPEC.items()))},
    ],
)
def test_run_id_ignores_what_changes_no_number(change):
    assert identity.run_id(**BASE) == identity.run_id(**(BASE | change))


def test_run_id_changes_when_two_files_swap_contents():
    one = identity.run_id(**(BASE | {"data_digests": {"a": "1", "b": "2"}}))
    assert one != identity.run_id(**(BASE | {"data_digests": {"a": "2", "b": "1"}}))


def test_look_key_depends_on_the_test_cells_only():
    evaluation = {"test": {"windows": 2}, "anchor": "calendar", "report": [], "tuning": {"windows": 1}}
    spec = SPEC | {"forecast": {"horizon": 4, "gap": 0, "quantiles": []}, "evaluation": evaluation}
    key = identity.look_key(spec, {"a.csv": "d1"})
    same = [
        {"models": {}, "study": {}},
        {"name": "renamed"},
        {"forecast": spec["forecast"] | {"quantiles": [0.1, 0.9]}},
        {"evaluation": evaluation | {"report": ["mase"], "tuning": {"windows": 2}}},
    ]
    assert all(identity.look_key(spec | change, {"a.csv": "d1"}) == key for change in same)
    other = [
        {"forecast": spec["forecast"] | {"horizon": 5}},
        {"evaluation": evaluation | {"test": {"windows": 3}}},
        {"evaluation": evaluation | {"anchor": "series_end"}},
    ]
    assert all(identity.look_key(spec | change, {"a.csv": "d1"}) != key for change in other)
    assert key != identity.look_key(spec, {"a.csv": "d2"})


def test_code_digest_covers_the_numeric_modules_only(tmp_path):
    for name in ("values/panel.py", "data/load.py", "language/tables/names.json", "cli.py", "report/html.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x = 1\n")

    def after(name: str, content: bytes) -> str:
        identity.code_digest.cache_clear()
        (tmp_path / name).write_bytes(content)
        return identity.code_digest(frozenset(), tmp_path)

    base = after("cli.py", b"x = 1\n")
    assert after("cli.py", b"x = 2\n") == after("report/html.py", b"y\n") == base
    assert after("values/panel.py", b"x = 1\r\n") == base
    assert after("values/panel.py", b"x = 2\n") != base
    assert after("values/panel.py", b"x = 1\n") == base
    assert after("language/tables/names.json", b"{}") != base


def test_code_digest_of_this_package_is_a_sha256():
    assert len(identity.code_digest(frozenset())) == 64


def test_environment_names_python_platform_and_libraries():
    found = identity.environment()
    assert {"python", "platform", "versions"} <= found.keys()
    assert {"lightgbm", "catboost", "optuna", "numpy", "pandas", "mlflow", "pydantic"} <= found["versions"].keys()


def _git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, timeout=30)


def test_git_state_names_commit_and_changed_files(tmp_path):
    assert identity.git_state(tmp_path) == {"commit": None, "dirty": None}
    _git(tmp_path, "init")
    (tmp_path / "a").write_text("1")
    _git(tmp_path, "add", "a")
    _git(tmp_path, "commit", "-m", "a")
    (tmp_path / "untracked").write_text("")
    state = identity.git_state(tmp_path)
    assert len(state["commit"]) == 40
    assert state["dirty"] is False
    (tmp_path / "a").write_text("2")
    assert identity.git_state(tmp_path)["dirty"] is True


def test_git_state_without_git_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert identity.git_state(tmp_path) == {"commit": None, "dirty": None}
