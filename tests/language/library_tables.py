"""What the installed boosters say of their parameters. Run as a program it writes the committed tables."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import catboost
import lightgbm
import numpy as np
from catboost import core
from lightgbm.basic import _ConfigAliases

TABLES = Path(__file__).parents[2] / "runner" / "language" / "tables"


def lightgbm_parameters() -> dict[str, Any]:
    """Name -> aliases and type; the type is read from the library's complaint about a value of none."""
    aliases = _ConfigAliases._get_all_param_aliases()
    return {
        name: {"aliases": sorted(set(aliases[name]) - {name}), "type": _lightgbm_type(name)} for name in sorted(aliases)
    }


def _lightgbm_type(name: str) -> str | None:
    if name == "config":
        return "text"
    for probe in ("abc", "0.5"):
        found = _complaint(name, probe)
        if found:
            return found
    return None


def _complaint(name: str, probe: str) -> str | None:
    data = lightgbm.Dataset(np.arange(40.0).reshape(20, 2), label=np.arange(20.0), params={"verbosity": -1})
    data.construct()
    try:
        lightgbm.Booster({"verbosity": -1}, data).reset_parameter({name: probe})
    except (lightgbm.basic.LightGBMError, ValueError, TypeError) as error:
        text = str(error)
        if "of type int" in text:
            return "int"
        if '"true"/"+"' in text:
            return "bool"
        if "of type double" in text or "Unknown token abc" in text:
            return "float"
    return None


def catboost_parameters() -> dict[str, Any]:
    """Name -> aliases and type; the type is read from which values the library refuses to parse."""
    names = [name for name in inspect.signature(catboost.CatBoostRegressor.__init__).parameters if name != "self"]
    groups = _catboost_groups()
    aliases = {alias for group in groups.values() for alias in group}
    return {
        name: {"aliases": sorted(set(groups.get(name, ())) & set(names)), "type": _catboost_type(name)}
        for name in sorted(names)
        if name not in aliases
    }


def _catboost_type(name: str) -> str | None:
    if not _unparsed(name, "abc"):
        return None
    if not _unparsed(name, 0.5):
        return "float"
    if not _unparsed(name, 2):
        return "int"
    return "bool" if not _unparsed(name, True) else None


def _unparsed(name: str, probe: Any) -> bool:
    """Whether the library says that it cannot parse the value, which is not whether it likes it."""
    settings = {"iterations": 1, "allow_writing_files": False, "verbose": 0, "thread_count": 1}
    try:
        catboost.CatBoostRegressor(**settings | {name: probe}).fit(np.arange(20.0).reshape(10, 2), np.arange(10.0))
    except Exception as error:
        return f'parse parameter "{name}"' in str(error)
    return False


def _catboost_groups() -> dict[str, list[str]]:
    source = inspect.getsource(core._process_synonyms_groups)
    groups = [re.findall(r"'(\w+)'", line) for line in re.findall(r"\[(.*?)\]", source)]
    return {first: rest for first, *rest in groups} | {"loss_function": ["objective"]}


def write() -> None:
    """Write both tables."""
    for name, version, parameters in (
        ("lightgbm", lightgbm.__version__, lightgbm_parameters()),
        ("catboost", catboost.__version__, catboost_parameters()),
    ):
        lines = ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in parameters.items())
        text = f'{{\n  "version": "{version}",\n  "parameters": {{\n{lines}\n  }}\n}}\n'
        (TABLES / f"{name}_parameters.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
