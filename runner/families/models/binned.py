"""Rows binned once and used by every trial that sees the same table."""

from __future__ import annotations

import json
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from runner.data.memory import trim_memory
from runner.families.features.table import FeatureTable

Bin = Callable[[FeatureTable, Mapping[str, Any]], Any]
_SETTINGS_PER_TABLE = 2


@dataclass
class BinnedOnce:
    """A cache from (table, binning settings) to the library's binned data.

    A table is known by identity and its entries go when it does; of each table the last few settings are kept.
    """

    make: Bin
    entries: dict[int, OrderedDict[str, Any]] = field(default_factory=dict)

    def get(self, table: FeatureTable, settings: Mapping[str, Any]) -> Any:
        """Return the binned table, made when absent."""
        of_table = self.entries.get(id(table))
        if of_table is None:
            of_table = self.entries[id(table)] = OrderedDict()
            weakref.finalize(table, self.entries.pop, id(table), None)
        key = json.dumps(dict(settings), sort_keys=True)
        if key not in of_table:
            of_table[key] = self.make(table, settings)
            table.release()
            trim_memory()
        of_table.move_to_end(key)
        while len(of_table) > _SETTINGS_PER_TABLE:
            of_table.popitem(last=False)
        return of_table[key]
