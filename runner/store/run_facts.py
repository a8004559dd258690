"""A run folder -> the facts of its report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runner.errors import StoreError
from runner.results.document import BenchmarkDocument, as_results
from runner.results.run_facts import RunFacts, counted
from runner.store.run import RunFolder


def run_facts(folder: RunFolder, document: BenchmarkDocument | None = None) -> RunFacts:
    """Everything its report is made of. Raises StoreError when the run has no results document."""
    found = document or _document(folder)
    return RunFacts(
        document=found,
        status=folder.status(),
        spec_text=_text(folder.path / "spec.yaml"),
        spec=_mapping(folder, "spec.resolved"),
        plan=_mapping(folder, "plan"),
        environment=_mapping(folder, "environment"),
        overview=_mapping(folder, "overview"),
        studies={model: counted(found, model, folder.trials(model)) for model in folder.models()},
        forecasts=forecast_files(folder, found),
        models=_inside(folder, {row.model_name: folder.path / "models" / row.model_name for row in found.results}),
        finals=_inside(folder, {row.model_name: folder.final_path(row.model_name) for row in found.results}),
    )


def forecast_files(folder: RunFolder, document: BenchmarkDocument) -> dict[str, Path]:
    """Model -> its forecasts, best first; only files of this run folder."""
    rows = [row.model_name for row in document.results if row.status == "ok"]
    return _inside(folder, {name: folder.forecasts_path(name) for name in rows})


def _document(folder: RunFolder) -> BenchmarkDocument:
    found = folder.document("benchmark")
    if found is None:
        raise StoreError(f"{folder.path}: there are no results; the run is not finished: run its spec again")
    try:
        return as_results(found)
    except ValueError as error:
        raise StoreError(f"{folder.path}: benchmark.json is of another version; run the spec again") from error


def _mapping(folder: RunFolder, name: str) -> dict[str, Any]:
    found = folder.document(name)
    return found if isinstance(found, dict) else {}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _inside(folder: RunFolder, paths: dict[str, Path]) -> dict[str, Path]:
    """Those that exist and lie in the run folder, whatever a document calls its models."""
    root = folder.path.resolve()
    return {name: path for name, path in paths.items() if path.exists() and path.resolve().is_relative_to(root)}
