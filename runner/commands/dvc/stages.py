"""dvc.yaml, generated from the specs: each has dependencies of its own, which DVC's templates cannot list.

A spec has two stages, `run@NAME` and `gates@NAME`. The records of a run are no outputs, because DVC deletes those
before a stage runs: so an interrupted stage resumes, and a finished one makes its outputs again without a fit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from runner.data.locate import label, locate, sources
from runner.errors import DataError, RunSpecError, SpecError, UsageError
from runner.language.parse import Document, parse
from runner.members.models.section import TrainedModel
from runner.store.identity import CORE

FILE: Final = "dvc.yaml"
_HEADER: Final = """\
# Made by `run-spec dvc` from the specs: edit those and make it again. A spec whose data lies in a file of its own
# joins with `run-spec dvc specs/NAME.yaml`. The parts of a spec are what it is made of; a short list repeats the spec.
"""
# So that `dvc repro` finds the command when the environment is not active.
_PATH: Final = 'PATH="$PWD/.venv/bin:$PATH"'
_PINS: Final = "constraints.txt"


@dataclass(frozen=True)
class Entry:
    """One spec of the pipeline; paths are relative to the project's root."""

    name: str
    spec: str
    parts: tuple[str, ...]  # bases and data files
    models: tuple[str, ...]
    tuned: tuple[str, ...]
    metric: str


def generate(root: Path, chosen: Sequence[Path] = (), tell: Callable[[str], None] = lambda _: None) -> str:
    """The text of dvc.yaml: specs that need no file, those it has already whose files are there, and those `chosen`.

    Tells of each other one why it is left out. Raises DataError for a chosen spec whose file is neither there nor to be
    had by `dvc pull`, UsageError for one that lies outside the project, SpecError for one with mistakes.
    """
    entries = [_entry(parse(path), root) for path in chosen]
    entries += _standing(root, {entry.name for entry in entries}, tell)
    if not entries:
        raise UsageError("there is no spec in specs/ that runs without a file of yours; name one whose file is here")
    return _HEADER + _text(document(sorted(entries, key=lambda entry: entry.name), root))


def document(entries: Sequence[Entry], root: Path) -> dict[str, Any]:
    """dvc.yaml as values."""
    most = max(len(entry.parts) for entry in entries)
    parts = [f"${{item.part_{number}}}" for number in range(1, most + 1)]
    run: dict[str, Any] = {
        "foreach": {entry.name: _item(entry, most) for entry in entries},
        "do": {
            "cmd": f"{_PATH} run-spec run ${{item.spec}} --defer-gates --quiet",
            "deps": ["${item.spec}", *parts, *code(root)],
            "outs": ["results/published/${key}"],
            "metrics": ["results/benchmarks/${key}.json"],
        },
    }
    gates = {
        "foreach": {entry.name: {"spec": entry.spec} for entry in entries},
        "do": {
            "cmd": f"{_PATH} run-spec gates ${{item.spec}} --write",
            "deps": ["${item.spec}", "results/benchmarks/${key}.json"],
            "outs": ["results/gates/${key}.md"],
        },
    }
    return {"stages": {"run": run, "gates": gates}, "plots": [plot for entry in entries for plot in _plots(entry)]}


def code(root: Path) -> list[str]:
    """The modules that make numbers and the pinned versions, where they are part of the project."""
    package = root / "runner"
    found = [path for path in (*(package / part for part in CORE), root / _PINS) if path.exists()]
    return [path.relative_to(root).as_posix() for path in sorted(found)] if package.is_dir() else []


def _standing(root: Path, taken: set[str], tell: Callable[[str], None]) -> list[Entry]:
    """Specs below `specs/` that need no file, and those of the present dvc.yaml whose files are there still."""
    present = _present(root)
    found = []
    for path in sorted((root / "specs").glob("[!.]*.yaml")):
        written = _relative(path, root)
        try:
            parsed = parse(path)
            if parsed.spec.name in taken:
                continue
            if _needs_files(parsed) and parsed.spec.name not in present:
                tell(f"{written} is left out: its data is a file of yours; `run-spec dvc {written}` lets it join")
                continue
            found.append(_entry(parsed, root))
        except SpecError:
            tell(f"{written} is left out: it has mistakes; `run-spec lint {written}` names them")
        except RunSpecError as error:
            tell(f"{written} is left out: {error}")
    return found


def _present(root: Path) -> frozenset[str]:
    """Names that the present dvc.yaml runs."""
    try:
        tree = yaml.safe_load((root / FILE).read_text(encoding="utf-8"))
        return frozenset(tree["stages"]["run"]["foreach"])
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return frozenset()


def _needs_files(parsed: Document) -> bool:
    return any(source.pattern is not None for _, source in sources(parsed.spec.data))


def _entry(parsed: Document, root: Path) -> Entry:
    spec = parsed.spec
    written = _relative(parsed.path, root)
    bases = {_relative(Path(place.file), root) for place in parsed.origins.values()} - {written}
    return Entry(
        name=spec.name,
        spec=written,
        parts=(*sorted(bases), *_files(parsed, root)),
        models=tuple(spec.models),
        tuned=tuple(name for name, model in spec.models.items() if isinstance(model, TrainedModel)),
        metric=spec.evaluation.metric.name,
    )


def _relative(path: Path, root: Path) -> str:
    absolute = Path(os.path.normpath(path.absolute()))
    if not absolute.is_relative_to(root):
        raise UsageError(f"{path}: it lies outside the project {root}, and a pipeline cannot reach out of it")
    return absolute.relative_to(root).as_posix()


def _files(parsed: Document, root: Path) -> Iterable[str]:
    """Files of the data; a built-in set is pinned by its sha256 in the code, so it is none."""
    for address, source in sources(parsed.spec.data):
        if source.pattern is None:
            continue
        try:
            yield from (label(path, root) for path in locate(source, root, address=address))
        except DataError:
            if not (root / f"{source.pattern}.dvc").exists():
                raise
            yield source.pattern


def _item(entry: Entry, most: int) -> dict[str, str]:
    padded = [*entry.parts, *[entry.spec] * (most - len(entry.parts))]
    return {"spec": entry.spec, **{f"part_{number}": part for number, part in enumerate(padded, start=1)}}


def _plots(entry: Entry) -> list[dict[str, Any]]:
    folder = f"results/published/{entry.name}/plots"
    found = [
        _plot(entry, "scores", f"{entry.metric} on the test windows", "bar_horizontal", entry.metric,
              {f"{folder}/scores.csv": "model"}),
        _plot(entry, "forecasts", "truth and forecasts on the test windows, sums over the series", "linear", "time",
              {f"{folder}/forecasts.csv": ["truth", *entry.models]}),
    ]  # fmt: skip
    if entry.tuned:
        title = f"best {entry.metric} so far on the tuning windows"
        found.append(_plot(entry, "search", title, "linear", "trial", {f"{folder}/search.csv": list(entry.tuned)}))
    return found


def _plot(entry: Entry, what: str, title: str, template: str, x: str, y: dict[str, Any]) -> dict[str, Any]:
    return {f"{entry.name} {what}": {"title": f"{entry.name}: {title}", "template": template, "x": x, "y": y}}


def _text(tree: dict[str, Any]) -> str:
    return yaml.safe_dump(tree, sort_keys=False, width=120, allow_unicode=True)
