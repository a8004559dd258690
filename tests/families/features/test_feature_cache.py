import json
import os
import shutil
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from feature_worlds import UNSCALED, panel, tables, view

from runner.families.features import build as building
from runner.families.features import cache as module
from runner.families.features.build import TableBuilder
from runner.families.features.cache import Cache, forget
from runner.families.features.config import TableConfig
from runner.families.features.table import WindowTables
from runner.members.features.rolling import Rolling
from runner.members.features.seasonal_lags import SeasonalLags
from runner.members.features.section import Features
from runner.members.targets.section import TargetScaling


@pytest.fixture(autouse=True)
def _fresh():
    forget()
    yield
    forget()


FEATURES = {
    "lags": (1, 2),
    "ids": True,
    "seasonal_lags": SeasonalLags(around=1),
    "calendar": ("year", "elapsed"),
    "profile": ("mean", "cv"),
}


def seen():
    return view(panel(np.arange(60.0).reshape(2, 30) % 11, future=3))


def make(folder, target=UNSCALED, **features):
    config = TableConfig(Features(**(FEATURES | features)), target)
    return TableBuilder(seen(), config, Cache(folder, "window")).tables()


def empty(folder):
    config = TableConfig(Features(lags=(1,)), UNSCALED)
    return TableBuilder(view(panel([4.0], future=3)), config, Cache(folder, "empty")).tables()


def same(one: WindowTables, other: WindowTables) -> bool:
    for a, b in zip(one, other, strict=True):
        assert (a.names, a.categorical) == (b.names, b.categorical)
        for name in ("x", "series", "origin", "step", "y"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
            assert getattr(a, name).dtype == getattr(b, name).dtype
    for name, state in one.states.items():
        np.testing.assert_equal({k: np.array(v) for k, v in state.items()}, dict(other.states[name]))
    return one.dropped == other.dropped


@pytest.fixture
def computed(monkeypatch):
    """Names of the columns that are computed, as they are."""
    names, compute = [], building._values
    monkeypatch.setattr(building, "_values", lambda column, rows: names.append(column.name) or compute(column, rows))
    return names


def test_what_is_read_is_what_was_made(tmp_path, computed):
    direct = tables(seen(), **FEATURES)
    assert same(direct, make(tmp_path))
    forget()
    computed.clear()
    assert same(direct, make(tmp_path))
    assert computed == []


def test_cache_keeps_tables_without_training_rows(tmp_path):
    first = empty(tmp_path)
    forget()
    assert same(first, empty(tmp_path))


def test_a_search_over_features_computes_only_new_columns(tmp_path, computed):
    make(tmp_path)
    computed.clear()
    make(tmp_path, lags=(1, 2, 5), rolling=(Rolling(stat="mean", window=3),))
    assert computed == ["lag.5", "rolling.mean.3"]
    computed.clear()
    make(tmp_path, lags=(5,), profile=("cv",))
    assert computed == []


def test_another_target_computes_columns_in_its_units(tmp_path, computed):
    made = make(tmp_path, TargetScaling(scale="mean"))
    assert same(tables(seen(), target=TargetScaling(scale="mean"), **FEATURES), made)
    computed.clear()
    make(tmp_path, UNSCALED)
    assert "lag.1" in computed


def test_one_configuration_is_one_object_in_a_process(tmp_path):
    assert make(tmp_path) is make(tmp_path)
    assert make(tmp_path, lags=(3,)) is not make(tmp_path)


def test_what_is_mapped_cannot_be_written(tmp_path):
    for table in (*make(tmp_path), *empty(tmp_path)):
        for values in table.columns:
            with pytest.raises(ValueError, match="read-only"):
                values[:] = 0


def damages():
    def cut(entry):
        path = next(entry.glob("*.npy"))
        path.write_bytes(path.read_bytes()[:-1])

    def flip(entry):
        path = next(entry.glob("*.npy"))
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)

    def lose(entry):
        next(entry.glob("*.npy")).unlink()

    def garble(entry):
        (entry / "entry.json").write_text("{")

    def age(entry):
        index = json.loads((entry / "entry.json").read_text())
        (entry / "entry.json").write_text(json.dumps(index | {"version": 0}))

    def replace_by_file(entry):
        shutil.rmtree(entry)
        entry.write_text("not a folder")

    return [cut, flip, lose, garble, age, replace_by_file]


@pytest.mark.parametrize("damage", damages(), ids=lambda f: f.__name__)
def test_a_damaged_entry_is_made_again(tmp_path, damage):
    first = make(tmp_path)
    entries = sorted(path.name for path in tmp_path.iterdir())
    for entry in tmp_path.iterdir():
        if list(entry.glob("*.npy")):
            damage(entry)
    forget()
    assert same(make(tmp_path), tables(seen(), **FEATURES))
    assert sorted(path.name for path in tmp_path.iterdir()) == entries
    assert first is not None


def test_reading_an_entry_marks_it_as_used(tmp_path):
    make(tmp_path)
    for entry in tmp_path.iterdir():
        os.utime(entry, (0, 0))
    forget()
    make(tmp_path)
    assert all(entry.stat().st_mtime > 0 for entry in tmp_path.iterdir())


def test_a_process_holds_only_the_latest_few(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 2)
    first = make(tmp_path)
    make(tmp_path, lags=(3,))
    assert make(tmp_path) is first
    make(tmp_path, lags=(4,))
    assert make(tmp_path) is first


def test_threads_get_one_object(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: make(tmp_path), range(12)))
    assert len({id(tables) for tables in made}) == 1


def read(folder):
    return float(np.nansum(make(folder).train.x))


@pytest.mark.slow
def test_cache_concurrent_writers_all_get_table(tmp_path):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        sums = list(pool.map(read, [tmp_path] * 4))
    assert sums == [float(np.nansum(tables(seen(), **FEATURES).train.x))] * 4
    assert all(not path.name.startswith(".") for path in tmp_path.iterdir())


def test_cache_on_unwritable_disk_still_gives_table(tmp_path):
    (tmp_path / "blocked").write_text("a file where the folder should be")
    assert same(make(tmp_path / "blocked"), tables(seen(), **FEATURES))


def test_an_interrupted_writer_leaves_no_entry(tmp_path, monkeypatch):
    def stop(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(module.np, "save", stop)
    with pytest.raises(KeyboardInterrupt):
        make(tmp_path)
    assert list(tmp_path.iterdir()) == []
