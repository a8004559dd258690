"""Rows are binned once, and never outlive the table they came from."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

from runner.families.features.table import FeatureTable
from runner.families.models.binned import BinnedOnce
from runner.testing.worlds import mixed, tables, view


def counting() -> tuple[BinnedOnce, list[dict[str, Any]]]:
    calls: list[dict[str, Any]] = []

    def make(_table: FeatureTable, settings: Mapping[str, Any]) -> object:
        calls.append(dict(settings))
        return object()

    return BinnedOnce(make), calls


def a_table() -> FeatureTable:
    return tables(view(mixed(), 28)).train


def test_the_same_table_and_settings_are_binned_once() -> None:
    cache, calls = counting()
    table = a_table()
    assert cache.get(table, {"a": 1, "b": 2}) is cache.get(table, {"b": 2, "a": 1})
    assert len(calls) == 1


def test_other_settings_or_table_are_binned_separately() -> None:
    cache, calls = counting()
    one, two = a_table(), a_table()
    made = {id(cache.get(table, settings)) for table in (one, two) for settings in ({}, {"max_bin": 63})}
    assert len(made) == len(calls) == 4


def test_a_table_keeps_its_last_settings_only() -> None:
    cache, calls = counting()
    table = a_table()
    for bins in (1, 2, 1, 3, 1, 2):
        cache.get(table, {"max_bin": bins})
    assert [call["max_bin"] for call in calls] == [1, 2, 3, 2]


def test_what_was_binned_goes_with_its_table() -> None:
    cache, _ = counting()
    table = a_table()
    cache.get(table, {})
    assert len(cache.entries) == 1
    del table
    gc.collect()
    assert not cache.entries
