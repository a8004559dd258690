"""Keys and values that the language will have and no program does yet: FS019 refuses them by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from runner.language.nodes import Findings, Node, Path
from runner.members.engines.registry import ENGINES
from runner.members.family import Family

UNBUILT: Final[Mapping[Path, tuple[str, ...]]] = {
    ("study", "warm_start"): (),
    ("study", "sampler", "name"): ("cmaes", "gp", "grid"),
    ("study", "pruner", "name"): ("wilcoxon",),
    ("run", "engine"): ("dask",),
    ("training", "weights"): (),
}
"""Path -> values, or () for the key with any value. A value may be a name, or the key of a map: `{dask: ...}`."""
_INSTALLED: Final[Mapping[Path, Family]] = {
    ("run", "engine"): ENGINES,
}
"""Where plug-ins may bring what is not built here."""
_HELP: Final = "leave it out: a later version will have it"
_OF_MODELS: Final = ("target", "training")
"""Sections that each model may have too."""


def check_unbuilt(node: Node, findings: Findings) -> None:
    """Report every key and value that is not built yet."""
    for path, names in UNBUILT.items():
        for where in _places(node, path):
            value = node.at(*where)
            if value is None:
                continue
            if not names:
                report_key(where, value, findings)
            for at, item in ((where, value), *(((*where, index), item) for index, item in enumerate(value.items))):
                if kind_name(item) in names and kind_name(item) not in _INSTALLED.get(path, ()):
                    message = f"`{path[-1]}: {kind_name(item)}` is not built yet"
                    findings.at_value("FS019", message, item.place, at, _HELP)


def report_key(path: Path, value: Node, findings: Findings) -> None:
    """Report a key that is not built yet."""
    findings.at_value("FS019", f"`{path[-1]}` is not built yet", value.place, path, _HELP)


def kind_name(value: Node) -> str:
    """Return `mase` for `mase` and for `{mase: {season: 1}}`; empty when it is neither."""
    if isinstance(value.value, str):
        return value.value
    return next(iter(value.entries)) if len(value.entries) == 1 else ""


def _places(node: Node, path: Path) -> Iterator[Path]:
    yield path
    models = node.at("models")
    if path[0] in _OF_MODELS and models is not None:
        yield from (("models", name, *path) for name in models.entries)
