"""A frame makes the panel from which it was made, for every way of writing time and every kind of end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from forecast_worlds import World

from runner.data.load import load
from runner.errors import DataError
from runner.language.parse import parse
from runner.run.final.apply import apply
from runner.run.final.check_covariates import check_covariates
from runner.run.final.frames import forecast_table, frame_of, panel_of
from runner.run.final.future_window import forecast_window, last_targets, target_positions, with_stand_ins
from runner.run.final.make import PAYLOAD
from runner.run.final.manifest import Column, Manifest, read_manifest
from runner.values.panel import Panel

HINT = "close the gap"


def made(
    root: Path, source: str, *, time: str = "time", freq: str = "freq: W-SUN", more: str = ""
) -> tuple[Manifest, Panel]:
    """A manifest and a panel of a made-up source."""
    (root / "pyproject.toml").touch()
    spec = root / "s.yaml"
    spec.write_text(f"""\
version: 1
name: s
data:
  source: {source}
  series: [series]
  time: {time}
  target: y
  {freq}
  gaps: missing
  covariates: {{known: [promo], static: [kind]}}
forecast: {{horizon: 3, season: 4}}
{more}
models: {{seasonal_naive: {{}}, naive: {{}}}}
""")
    experiment = parse(spec).spec
    panel = load(experiment.data, horizon=3, gap=experiment.forecast.gap, root=root)
    columns = tuple(Column(name=c.name, role=c.role, text=c.categories is not None) for c in panel.covariates)
    return Manifest(run_id="r", model="s", spec=experiment, season=4, parts=(), columns=columns), panel


def same(one: Panel, other: Panel) -> None:
    assert one.ids == other.ids
    assert (one.times == other.times).all()
    assert np.array_equal(one.y, other.y, equal_nan=True)
    for mine, theirs in zip(one.covariates, other.covariates, strict=True):
        assert (mine.name, mine.role, mine.categories) == (theirs.name, theirs.role, theirs.categories)
        assert np.array_equal(np.broadcast_to(mine.values.T, theirs.values.T.shape), theirs.values.T, equal_nan=True)


@pytest.mark.parametrize("anchor", ["calendar", "series_end"])
@pytest.mark.parametrize("gap", [0, 2])
def test_frame_round_trip_gives_same_panel(tmp_path: Path, anchor: str, gap: int) -> None:
    source = "{synthetic: {series: 5, steps: 30, season: 4, gappy: 1}}"
    manifest, panel = made(tmp_path, source, more=f"evaluation: {{anchor: {anchor}}}")
    forecast = manifest.spec.forecast.model_copy(update={"gap": gap})
    manifest = manifest.model_copy(update={"spec": manifest.spec.model_copy(update={"forecast": forecast})})
    panel = load(manifest.spec.data, horizon=3, gap=gap, root=tmp_path)
    again = panel_of(frame_of(panel, manifest), manifest)
    same(panel, again)
    assert (forecast_window(panel, manifest.spec).cutoff == forecast_window(again, manifest.spec).cutoff).all()


@pytest.mark.parametrize("gaps", ["missing", "zero", "ffill"])
def test_short_series_is_not_filled_after_end(tmp_path: Path, gaps: str) -> None:
    manifest, panel = made(
        tmp_path, "{synthetic: {series: 3, steps: 20, season: 4}}", more="evaluation: {anchor: series_end}"
    )
    y = panel.y.copy()
    y[1, 15:] = np.nan
    panel = replace(panel, y=y)
    data = manifest.spec.data.model_copy(update={"gaps": gaps})
    manifest = manifest.model_copy(update={"spec": manifest.spec.model_copy(update={"data": data})})
    again = panel_of(frame_of(panel, manifest), manifest)
    assert np.array_equal(again.y, panel.y, equal_nan=True)
    assert last_targets(again).tolist() == [20, 15, 20]
    assert target_positions(again, forecast_window(again, manifest.spec))[:, 0].tolist() == [20, 15, 20]


@pytest.mark.parametrize(
    ("freq", "time"),
    [
        ("freq: h", "{columns: [day, clock]}"),
        ("freq: D\n  time_format: '%d.%m.%Y'", "time"),
        ("freq: W-SUN", "time"),
        ("", "{integer: time}"),
    ],
)
def test_time_is_written_as_the_spec_has_it(tmp_path: Path, freq: str, time: str) -> None:
    steps = np.arange(24)
    moments = pd.date_range("2020-01-05", periods=24, freq={"freq: h": "h", "freq: W-SUN": "W-SUN"}.get(freq, "D"))
    columns: dict[str, object] = {"time": moments.strftime("%d.%m.%Y" if "format" in freq else "%Y-%m-%d")}
    if "columns" in time:
        columns = {"day": moments.strftime("%Y-%m-%d"), "clock": moments.strftime("%H:%M")}
    elif "integer" in time:
        columns = {"time": steps}
    frame = pd.DataFrame({"series": "a", **columns, "y": steps * 1.5, "promo": steps % 2, "kind": "x"})
    frame.to_csv(tmp_path / "h.csv", index=False)
    manifest, panel = made(tmp_path, "{csv: h.csv}", time=time, freq=freq)
    written = frame_of(panel, manifest)
    assert list(written)[1:-3] == list(columns)
    assert len(written) == 27
    same(panel, panel_of(written, manifest))
    raw = frame.assign(y=frame["y"].astype(float))
    assert np.array_equal(panel_of(raw, manifest).y, panel.y)


def test_series_alone_has_same_forecast(world: World) -> None:
    payload = world.session.folder.final_path("lightgbm") / PAYLOAD
    manifest = read_manifest(payload)
    whole = world.plan.setup.panel
    together = apply(manifest, payload, whole, hint=HINT)[1]
    for series in range(whole.n_series):
        alone = panel_of(frame_of(whole, manifest, [series]), manifest)
        assert alone.ids == (whole.ids[series],)
        forecast = apply(manifest, payload, alone, hint=HINT)[1]
        assert np.array_equal(forecast.point[0], together.point[series])
        assert forecast.quantiles is not None
        assert together.quantiles is not None
        assert np.array_equal(forecast.quantiles[0], together.quantiles[series])


def test_unknown_series_and_text_are_missing(world: World) -> None:
    payload = world.session.folder.final_path("lightgbm") / PAYLOAD
    manifest = read_manifest(payload)
    frame = frame_of(world.plan.setup.panel, manifest, [0]).assign(shop="9")
    if "kind" in frame:
        frame["kind"] = "nowhere"
    forecast = apply(manifest, payload, panel_of(frame, manifest), hint=HINT)[1]
    assert np.isfinite(forecast.point).all()


def test_placeholder_future_repeats_the_last_steps(tmp_path: Path) -> None:
    manifest, panel = made(tmp_path, "{synthetic: {series: 2, steps: 20, season: 4}}")
    window = forecast_window(panel, manifest.spec)
    before = next(c for c in panel.covariates if c.name == "promo").values
    after = next(c for c in with_stand_ins(panel, window).covariates if c.name == "promo").values
    assert np.array_equal(after[:, :20], before[:, :20])
    assert np.array_equal(after[:, 20:], before[:, 17:20])


def test_known_covariate_without_future_is_named(tmp_path: Path) -> None:
    manifest, panel = made(tmp_path, "{synthetic: {series: 2, steps: 20, season: 4}}")
    window = forecast_window(panel, manifest.spec)
    check_covariates(panel, window, manifest, HINT)
    promo = next(c for c in panel.covariates if c.name == "promo")
    values = np.array(promo.values)
    values[1, 21:] = np.nan
    lacking = replace(panel, covariates=(replace(promo, values=values), *panel.covariates[1:]))
    with pytest.raises(DataError) as error:
        check_covariates(lacking, window, manifest, HINT)
    assert str(error.value) == (
        "s uses the known covariate promo, and 1 of 2 series lacks its future values, the first of them at "
        f"2015-05-31; {HINT}"
    )
    check_covariates(lacking, window, manifest.model_copy(update={"columns": ()}), HINT)


def test_covariate_missing_in_past_may_miss_future(tmp_path: Path) -> None:
    manifest, panel = made(tmp_path, "{synthetic: {series: 2, steps: 20, season: 4}}")
    promo = next(c for c in panel.covariates if c.name == "promo")
    values = np.array(promo.values)
    values[:, 5] = values[:, 21] = np.nan
    holed = replace(panel, covariates=(replace(promo, values=values), *panel.covariates[1:]))
    check_covariates(holed, forecast_window(panel, manifest.spec), manifest, HINT)


def test_forecast_table_has_row_per_step(world: World) -> None:
    payload = world.session.folder.final_path("blend") / PAYLOAD
    panel = world.plan.setup.panel
    window, forecast = apply(read_manifest(payload), payload, panel, hint=HINT)
    table = forecast_table(panel, window, forecast, (0.1, 0.9))
    assert table.column_names == ["shop", "item", "time", "step", "forecast", "q0.1", "q0.9"]
    assert table.num_rows == 6 * 4
    assert table["item"][0].as_py() == "007"
    assert str(table["time"][0].as_py())[:10] == "2020-01-01"


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        (lambda frame: frame.iloc[:0], "the input: there is no row"),
        (lambda frame: frame.drop(columns="sold"), 'data.target: the input has no column "sold"'),
        (lambda frame: frame.drop(columns="promo"), 'there is no column "promo"'),
        (lambda frame: frame.assign(sold="many"), "the input:row 1: column sold"),
        (lambda frame: pd.concat([frame, frame.iloc[:1]]), "was there already at the input:row 1"),
        (lambda frame: frame.assign(shop=[1, *["x"] * (len(frame) - 1)]), "the input: a column is of several types"),
    ],
)
def test_a_frame_at_fault_is_a_sentence(world: World, spoilt: object, told: str) -> None:
    manifest = read_manifest(world.session.folder.final_path("lightgbm") / PAYLOAD)
    frame = frame_of(world.plan.setup.panel, manifest)
    with pytest.raises(DataError) as error:
        panel_of(spoilt(frame), manifest)  # type: ignore[operator]
    assert told in str(error.value)
