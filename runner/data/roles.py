"""Which column is what. Every column has exactly one role, so that none is used, or lost, by accident."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import get_args

from runner.data.raw import RawTable, column_hint
from runner.data.times import time_names
from runner.errors import DataCode, DataError
from runner.language.sections.data import Data, Join
from runner.values.panel import Role

ROLES: tuple[Role, ...] = get_args(Role)
_PLACES = (*ROLES, "ignore")


def check_columns(main: RawTable, data: Data) -> None:
    """Raise DataError when an id, time or target column is absent or has two of these roles."""
    named = [("data.series", name) for name in data.series]
    named += [("data.time", name) for name in time_names(data)] + [("data.target", data.target)]
    owners: dict[str, str] = {}
    for key, name in named:
        main.column(name, key)
        if name in owners:
            raise _two_roles(key, name, owners[name])
        owners[name] = key


def joined_columns(main: RawTable, data: Data, tables: Sequence[RawTable]) -> list[tuple[str, ...]]:
    """Return the columns that each join adds. Raises DataError when one is absent or occurs twice."""
    owner = dict.fromkeys(main.names, main.label)
    added = []
    for join, table in zip(data.join, tables, strict=True):
        address = table.address.removesuffix(".source")
        names = _taken(join, table, address)
        for name in names:
            if name in owner:
                raise DataError(
                    f'{address}: the column "{name}" of {table.label} stands in {owner[name]} too; '
                    f"name the columns to take in {address}.columns",
                    key=address,
                    column=name,
                    file=table.label,
                )
            owner[name] = table.label
        added.append(names)
    return added


def _taken(join: Join, table: RawTable, address: str) -> tuple[str, ...]:
    for name in join.keys:
        table.column(name, f"{address}.keys")
    for name in join.columns or ():
        table.column(name, f"{address}.columns")
        if name in join.keys:
            key = f"{address}.columns"
            raise DataError(f'{key}: "{name}" is a key, which is there already', key=key, column=name)
    return join.columns if join.columns is not None else tuple(n for n in table.names if n not in join.keys)


def assign_roles(data: Data, names: Sequence[str]) -> dict[str, Role]:
    """Return column -> role, in the order of `names`, without ignored ones. Raises DataError."""
    taken = {**dict.fromkeys(data.series, "data.series"), **dict.fromkeys(time_names(data), "data.time")}
    taken[data.target] = "data.target"
    free = tuple(name for name in names if name not in taken)
    roles: dict[str, str] = {}
    for place in _PLACES:
        for pattern in getattr(data.covariates, place):
            for name in _named(pattern, place, free, taken):
                if roles.setdefault(name, place) != place:
                    raise _two_roles(f"data.covariates.{place}", name, roles[name])
    missing = [name for name in free if name not in roles]
    if missing and data.covariates.rest is None:
        raise _without_role(missing)
    return {name: role for name in free for role in ROLES if roles.get(name) == role}


def _named(pattern: str, place: str, free: tuple[str, ...], taken: dict[str, str]) -> list[str]:
    key = f"data.covariates.{place}"
    if pattern in taken:
        raise _two_roles(key, pattern, taken[pattern])
    if pattern in free:
        return [pattern]
    matches = [name for name in free if fnmatchcase(name, pattern)]
    if not matches and (not set(pattern) & set("*?[") or place != "ignore"):
        message = f'{key}: there is no column "{pattern}"{column_hint(pattern, free)}'
        raise DataError(message, code=DataCode.UNKNOWN_COLUMN, key=key, column=pattern)
    return matches


def _two_roles(key: str, name: str, role: str) -> DataError:
    message = f'{key}: the column "{name}" is already {role}'
    return DataError(message, code=DataCode.TWO_ROLES, key=key, column=name)


def _without_role(missing: list[str]) -> DataError:
    shown = ", ".join(name or '""' for name in missing[:12]) + (
        f" and {len(missing) - 12} more" if len(missing) > 12 else ""
    )
    verb = "has" if len(missing) == 1 else "have"
    key = "data.covariates"
    return DataError(
        f"{key}: {shown} {verb} no role; list each under known, observed, static or ignore, "
        "or drop what is not named with `rest: ignore`",
        code=DataCode.NO_ROLE,
        key=key,
        column=missing[0],
    )
