"""Session, model -> the future beyond the data, as the bytes of a file."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from runner.errors import DataError, UsageError
from runner.families.models import ModelError
from runner.files.checksum import file_sha256
from runner.language.sections.data import Data
from runner.members.sources.csv import CsvSource
from runner.members.sources.parquet import ParquetSource
from runner.progress import Listener, Note
from runner.run.final.apply import apply
from runner.run.final.fit import FinalJob, fit_final
from runner.run.final.frames import forecast_table
from runner.run.final.make import PAYLOAD, lacking, make_final_models
from runner.run.final.manifest import DOCUMENT, Manifest, read_manifest
from runner.run.prepare import load_panel, plan_session
from runner.run.session import Session
from runner.store.lock import lock
from runner.track.destination import destination
from runner.track.settings import load_quietly
from runner.track.tags import CHAMPION
from runner.values.panel import Panel
from runner.values.records import Scoreboard

_HINT = (
    "set `data.future` to a table with the ids, the time and this column, or give one (`--future FILE`, in Python "
    "`future=FRAME`)"
)


def predict(
    session: Session, board: Scoreboard, model: str, format: str, future: Path | None, tell: Listener
) -> tuple[bytes, dict[str, Any]]:
    """The file, and what it was made with. Raises DataError when what must be known of the future is not there."""
    panel = load_panel(session) if future is None else load_panel(_with_future(session, future))
    with _final(session, board, model, panel, tell) as (payload, manifest, about):
        table = forecast_panel(manifest, payload, panel)
        digest = file_sha256(payload / DOCUMENT)
    return encode(table, format), {**about, "manifest": digest, "rows": table.num_rows}


def forecast_panel(manifest: Manifest, payload: Path, panel: Panel) -> pa.Table:
    """The forecast of a final model for a panel, one row a series and step. Raises DataError."""
    try:
        window, forecast = apply(manifest, payload, panel, hint=_HINT)
    except ModelError as error:
        raise DataError(f"{manifest.model} cannot forecast: {error}") from None
    return forecast_table(panel, window, forecast, manifest.spec.forecast.quantiles)


def encode(table: pa.Table, format: str) -> bytes:
    """The table as parquet or csv; the same table gives the same bytes."""
    sink = io.BytesIO()
    if format == "parquet":
        pq.write_table(table, sink, compression="zstd")
    else:
        _spelt(table).to_pandas().to_csv(sink, index=False, lineterminator="\n")
    return sink.getvalue()


def _spelt(table: pa.Table) -> pa.Table:
    """Moments as ISO text, without the clock where every step is a day or longer; numbers with all their digits."""
    at = table.column_names.index("time")
    if not pa.types.is_timestamp(table.schema.field(at).type):
        return table
    moments = table.column("time").to_numpy().astype("datetime64[s]")
    whole_days = bool((moments == moments.astype("datetime64[D]")).all())
    texts = moments.astype("datetime64[D]" if whole_days else "datetime64[s]").astype(str)
    return table.set_column(at, "time", pa.array(texts.tolist()))


@contextmanager
def _final(
    session: Session, board: Scoreboard, model: str, panel: Panel, tell: Listener
) -> Iterator[tuple[Path, Manifest, dict[str, Any]]]:
    """Payload, manifest and a description of the model that is asked for."""
    if model != CHAMPION:
        payload = _own(session, board, model, panel, tell)
        yield payload, read_manifest(payload), {"model": model, "run_id": session.run_id}
        return
    with tempfile.TemporaryDirectory(prefix="run-spec-champion-") as folder:
        place = destination(os.environ, session.store.root, session.spec.tracking.server.env)
        fetch = load_quietly("runner.track.registry").fetch_champion
        version = fetch(place, session.spec.name, Path(folder))
        payload = Path(folder) / PAYLOAD
        manifest = read_manifest(payload)
        _check_same_task(manifest, session)
        origin = f"{manifest.model} of run {manifest.run_id}, fitted on data until {manifest.until}"
        tell(Note(f"champion is version {version}: {origin}"))
        yield payload, manifest, {"model": manifest.model, "run_id": manifest.run_id, "version": version}


def _own(session: Session, board: Scoreboard, model: str, panel: Panel, tell: Listener) -> Path:
    """The payload of this run's own final model, made now when the run has not left one."""
    plan = plan_session(session, panel)

    def fit(jobs: Sequence[FinalJob]) -> Iterator[tuple[FinalJob, Mapping[str, bytes] | str]]:
        for job in jobs:
            try:
                yield job, fit_final(job, plan)
            except ModelError as error:
                yield job, str(error)

    if lacking(plan, board, session.folder, [model]):  # what is there already is read while others write
        with lock(session.store.lock_path(session.spec.name)):
            make_final_models(plan, board, session.folder, fit, tell, [model])
    folder = session.folder.final_path(model)
    if not folder.is_dir():
        raise DataError(f"{model} has no final model and none could be made; `--model` names another one")
    return folder / PAYLOAD


def _check_same_task(manifest: Manifest, session: Session) -> None:
    theirs, ours = manifest.spec, session.spec
    same = (
        ("data.series", theirs.data.series, ours.data.series),
        ("data.target", theirs.data.target, ours.data.target),
        ("data.freq", theirs.data.freq, ours.data.freq),
        ("forecast.horizon", theirs.forecast.horizon, ours.forecast.horizon),
        ("forecast.gap", theirs.forecast.gap, ours.forecast.gap),
    )
    for key, there, here in same:
        if there != here:
            raise DataError(
                f"{key}: the champion was made for {there}, and the spec says {here}; promote a model of this spec, "
                "or use `--model best`"
            )


def _with_future(session: Session, future: Path) -> Session:
    """The session with known covariates from a file that was typed on the command line."""
    if not future.is_file():
        raise UsageError(f"--future {future}: there is no such file")
    path = str(future.absolute())
    source = ParquetSource(parquet=path) if future.suffix.lower() in (".parquet", ".pq") else CsvSource(csv=path)
    data: Data = session.spec.data.model_copy(update={"future": source})
    spec = session.spec.model_copy(update={"data": data})
    document = replace(session.document, spec=spec)
    return replace(session, document=document, overrides=(*session.overrides, "data.future=typed"))
