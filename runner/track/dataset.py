"""What a run has read, as MLflow keeps data: names, our own sha256, and the columns. No value is looked at here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from runner.files.redact import redact
from runner.track.run_content import data_sha256
from runner.values.records import RunSnapshot

LONGEST_DIGEST: Final = 36
"""Characters of a digest that MLflow keeps; the whole of it stands in the source."""
_LONGEST_NAME: Final = 500
_LONGEST_TEXT: Final = 60_000
_SIZES: Final = {"n_observations": "num_rows", "n_series": "num_series", "n_steps": "num_steps"}
"""Of `plan.json` -> of a profile; the first is what MLflow shows."""


@dataclass(frozen=True)
class Data:
    """One input of a run. Texts are JSON, empty where there is nothing to write."""

    name: str
    digest: str
    context: str
    source: str
    schema: str
    profile: str


def inputs(snapshot: RunSnapshot) -> tuple[Data, ...]:
    """The file that was read; of several each file, and before them all together, which is what has the columns.

    Empty before a running run has its plan: MLflow keeps the schema that it gets first.
    """
    files = sorted(snapshot.digests.items())
    if not files or (snapshot.status.state == "running" and not snapshot.plan):
        return ()
    schema, profile = _schema(snapshot), _profile(snapshot)
    if len(files) == 1:
        return (_data(*files[0], "training", {"uri": redact(files[0][0])}, schema, profile),)
    sources = {"files": {redact(name): sha256 for name, sha256 in files}}
    whole = _data(snapshot.name, data_sha256(snapshot), "training", sources, schema, profile)
    return (whole, *(_data(name, sha256, "file", {"uri": redact(name)}, "", "") for name, sha256 in files))


def _data(name: str, sha256: str, context: str, source: dict[str, Any], schema: str, profile: str) -> Data:
    text = json.dumps({**source, "sha256": sha256})
    return Data(redact(name)[:_LONGEST_NAME], sha256[:LONGEST_DIGEST], context, text[:_LONGEST_TEXT], schema, profile)


def _schema(snapshot: RunSnapshot) -> str:
    """The columns that are used, whole or not at all."""
    used = snapshot.plan.get("columns", ())
    columns = [{"type": column["type"], "name": column["name"], "required": True} for column in used]
    text = json.dumps({"mlflow_colspec": columns}) if columns else ""
    return text if len(text) <= _LONGEST_TEXT else ""


def _profile(snapshot: RunSnapshot) -> str:
    sizes = {there: snapshot.plan[here] for here, there in _SIZES.items() if here in snapshot.plan}
    return json.dumps(sizes) if sizes else ""
