"""Read from a run folder what its report is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runner.errors import StoreError
from runner.results.document import BenchmarkDocument, as_results
from runner.results.run_facts import RunFacts, counted_trials
from runner.store.run import RunFolder


def run_facts(folder: RunFolder, document: BenchmarkDocument | None = None) -> RunFacts:
    """Return the facts of the report. Raises StoreError when the run has no results document."""
    results = document or _document(folder)
    return RunFacts(
        document=results,
        status=folder.status(),
        spec_text=_text(folder.path / "spec.yaml"),
        spec=_mapping(folder, "spec.resolved"),
        plan=_mapping(folder, "plan"),
        environment=_mapping(folder, "environment"),
        overview=_mapping(folder, "overview"),
        studies={model: counted_trials(results, model, folder.trials(model)) for model in folder.models()},
        forecasts=forecast_files(folder, results),
        models=_inside(folder, {row.model_name: folder.path / "models" / row.model_name for row in results.results}),
        finals=_inside(folder, {row.model_name: folder.final_path(row.model_name) for row in results.results}),
    )


def forecast_files(folder: RunFolder, document: BenchmarkDocument) -> dict[str, Path]:
    """Return model -> file of its forecasts, best first; only files in this run folder."""
    rows = [row.model_name for row in document.results if row.status == "ok"]
    return _inside(folder, {name: folder.forecasts_path(name) for name in rows})


def _document(folder: RunFolder) -> BenchmarkDocument:
    document = folder.document("benchmark")
    if document is None:
        raise StoreError(f"{folder.path}: the run has no results, as it is not finished; hint: run its spec again")
    try:
        return as_results(document)
    except ValueError as error:
        raise StoreError(f"{folder.path}: benchmark.json is of another version; hint: run its spec again") from error


def _mapping(folder: RunFolder, name: str) -> dict[str, Any]:
    document = folder.document(name)
    return document if isinstance(document, dict) else {}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _inside(folder: RunFolder, paths: dict[str, Path]) -> dict[str, Path]:
    """Return the paths that exist in the run folder; a document may give a model any name."""
    root = folder.path.resolve()
    return {name: path for name, path in paths.items() if path.exists() and path.resolve().is_relative_to(root)}
