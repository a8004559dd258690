"""Publish models, forecasts and plots of a run in a folder whose name does not change.

results/published/<name>/
  run.json                        which run, and its files with their sizes
  models/<model>/                 native files
  forecasts/<model>.parquet       on the test windows
  plots/*.csv                     for `dvc plots`

It appears whole or not at all. Asking whether it is current needs no heavy import.
"""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from typing import Any

from runner.files.atomic import new_folder, remove_scratch, store_error, write_text
from runner.files.documents import parse_json, write_json
from runner.results.document import BenchmarkDocument
from runner.store.folder import Store
from runner.store.run import RunFolder


def is_published(store: Store, document: BenchmarkDocument) -> bool:
    """Return whether the published folder is whole and belongs to these results."""
    folder = store.published_path(document.name)
    try:
        content = parse_json((folder / "run.json").read_bytes())
        is_whole = all((folder / name).stat().st_size == size for name, size in content["files"].items())
        return bool(is_whole and content["run"] == _stamp(document))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def publish(store: Store, run: RunFolder, document: BenchmarkDocument) -> Path:
    """Write the published folder of a finished run. Raises StoreError, and an older one is then intact."""
    target = store.published_path(document.name)
    remove_scratch(target)
    try:
        with new_folder(target, replace=True) as scratch:
            _fill(scratch, run, document)
    except OSError as error:
        raise store_error(target, error) from error
    return target


def _fill(folder: Path, run: RunFolder, document: BenchmarkDocument) -> None:
    for model, path in _models(run).items():
        shutil.copytree(path, folder / "models" / model)
    forecasts = {row.model_name: run.forecasts_path(row.model_name) for row in document.results if row.status == "ok"}
    for model, path in forecasts.items():
        (folder / "forecasts").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / "forecasts" / f"{model}.parquet")
    for name, text in _plots(run, document, forecasts).items():
        write_text(folder / "plots" / name, text)
    files = {path.relative_to(folder).as_posix(): path.stat().st_size for path in _files(folder)}
    write_json(folder / "run.json", {"run": _stamp(document), "files": files})


def _models(run: RunFolder) -> dict[str, Path]:
    """Return model -> folder: the final models where there are any, else those of the last test window."""
    folders = sorted(path for path in (run.path / "models").glob("*") if path.is_dir())
    return run.finals() or {path.name: path for path in folders if any(path.iterdir())}


def _plots(run: RunFolder, document: BenchmarkDocument, forecasts: dict[str, Path]) -> dict[str, str]:
    tables: Any = importlib.import_module("runner.results.published")
    models = [row.model_name for row in document.results]
    return {
        "scores.csv": tables.scores_csv(document),
        "forecasts.csv": tables.forecasts_csv(forecasts, models),
        "search.csv": tables.search_csv({model: run.trials(model) for model in run.models()}, document.direction),
    }


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _stamp(document: BenchmarkDocument) -> list[str]:
    return [document.run_id, document.timestamp]
