import json
import os
import shutil
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from feature_worlds import panel, tables, view

from runner.families.features import cache
from runner.families.features.cache import cached, forget
from runner.families.features.table import WindowTables
from runner.members.features.seasonal_lags import SeasonalLags


@pytest.fixture(autouse=True)
def _fresh():
    forget()
    yield
    forget()


def make(calls=None):
    if calls is not None:
        calls.append(1)
    y = np.arange(60.0).reshape(2, 30) % 11
    return tables(
        view(panel(y, future=3)), lags=(1, 2), ids=True, seasonal_lags=SeasonalLags(around=1), calendar=("year",)
    )


def empty():
    return tables(view(panel([4.0], future=3)), lags=(1,))


def same(one: WindowTables, other: WindowTables) -> bool:
    for a, b in zip(one, other, strict=True):
        assert (a.names, a.categorical) == (b.names, b.categorical)
        for name in ("x", "series", "origin", "step", "level", "scale", "y"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
            assert getattr(a, name).dtype == getattr(b, name).dtype
    return one.dropped == other.dropped


@pytest.mark.parametrize("maker", [make, empty])
def test_what_is_read_is_what_was_made(tmp_path, maker):
    first = cached(tmp_path, "k", maker)
    forget()
    second = cached(tmp_path, "k", lambda: pytest.fail("it is on disk"))
    assert same(first, maker())
    assert same(second, maker())


def test_the_same_key_is_the_same_object_and_is_made_once(tmp_path):
    calls = []
    assert cached(tmp_path, "k", lambda: make(calls)) is cached(tmp_path, "k", lambda: make(calls))
    assert cached(tmp_path, "other", lambda: make(calls)) is not cached(tmp_path, "k", make)
    assert len(calls) == 2


def test_what_is_held_cannot_be_written(tmp_path):
    for maker in (make, empty):
        for table in cached(tmp_path, maker.__name__, maker):
            with pytest.raises(ValueError, match="read-only"):
                table.x[:] = 0


def damages():
    def cut(entry):
        path = entry / "train.x.npy"
        path.write_bytes(path.read_bytes()[:-9])

    def flip(entry):
        path = entry / "ahead.y.npy"
        content = bytearray(path.read_bytes())
        content[-3] ^= 1
        path.write_bytes(content)

    def lose(entry):
        (entry / "train.level.npy").unlink()

    def garble(entry):
        (entry / "tables.json").write_text("{")

    def age(entry):
        about = json.loads((entry / "tables.json").read_text())
        (entry / "tables.json").write_text(json.dumps(about | {"version": 0}))

    def replace_by_file(entry):
        shutil.rmtree(entry)
        entry.write_text("not a folder")

    return [cut, flip, lose, garble, age, replace_by_file]


@pytest.mark.parametrize("damage", damages(), ids=lambda f: f.__name__)
def test_a_damaged_entry_is_made_again(tmp_path, damage):
    cached(tmp_path, "k", make)
    forget()
    damage(tmp_path / "k")
    calls = []
    assert same(cached(tmp_path, "k", lambda: make(calls)), make())
    forget()
    cached(tmp_path, "k", lambda: make(calls))
    assert len(calls) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["k"]


def test_a_process_holds_only_the_latest_few(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "KEPT", 2)
    first = cached(tmp_path, "a", make)
    cached(tmp_path, "b", make)
    assert cached(tmp_path, "a", make) is first
    cached(tmp_path, "c", make)
    assert cached(tmp_path, "a", make) is first


def test_threads_get_one_object(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: cached(tmp_path, "k", make), range(12)))
    assert len({id(tables) for tables in found}) == 1


def read(folder):
    return float(np.nansum(cached(folder, "k", make).train.x))


@pytest.mark.slow
def test_processes_that_write_at_once_all_have_the_table_and_leave_one_entry(tmp_path):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        sums = list(pool.map(read, [tmp_path] * 4))
    assert sums == [float(np.nansum(make().train.x))] * 4
    assert [path.name for path in tmp_path.iterdir()] == ["k"]


def test_a_disk_that_cannot_be_written_costs_only_the_sharing(tmp_path):
    (tmp_path / "blocked").write_text("a file where the folder should be")
    assert same(cached(tmp_path / "blocked", "k", make), make())


@pytest.mark.parametrize("key", ["", "..", "a/b", "/etc", "a" * 300])
def test_a_key_is_a_plain_name(tmp_path, key):
    with pytest.raises(ValueError, match="not a key"):
        cached(tmp_path, key, make)


def test_an_interrupted_writer_leaves_no_entry(tmp_path, monkeypatch):
    def stop(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(cache.np, "save", stop)
    with pytest.raises(KeyboardInterrupt):
        cached(tmp_path, "k", make)
    assert list(tmp_path.iterdir()) == []


def test_cached_entry_counts_as_used_now(tmp_path):
    cached(tmp_path, "k", make)
    os.utime(tmp_path / "k", (0, 0))
    forget()
    cached(tmp_path, "k", lambda: pytest.fail("it is on disk"))
    assert (tmp_path / "k").stat().st_mtime > 0
