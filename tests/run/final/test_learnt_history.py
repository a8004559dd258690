"""Plug-in models that learn from the history alone have final models too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from forecast_worlds import SPEC, World, finish
from mean_models import CENTERS, PLUGINS

from runner.members import family
from runner.members.plugins import Plugin, find_plugin
from runner.run.final.apply import apply
from runner.run.final.make import PAYLOAD
from runner.run.final.manifest import MEMBERS, read_manifest

MODELS = "  mean: {}\n  median: {}\n  naive: {}\n  blend: {of: [mean, naive], weights: equal}\n"


@pytest.fixture
def learnt_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    def find(name: str, kind: str) -> Plugin | None:
        return PLUGINS.get(kind) or find_plugin(name, kind)

    monkeypatch.setattr(family, "find_plugin", find)
    return finish(tmp_path, SPEC[: SPEC.index("  seasonal_naive:")] + MODELS)


def test_final_models_of_history_plugins_are_fitted(learnt_world: World) -> None:
    panel, folder = learnt_world.plan.setup.panel, learnt_world.session.folder
    for kind, center in CENTERS.items():
        payload = folder.final_path(kind) / PAYLOAD
        assert {path.name for path in (payload / MEMBERS / kind).iterdir()} == {"meta.json", "values.json"}
        point = apply(read_manifest(payload), payload, panel, hint="")[1].point
        np.testing.assert_allclose(point, np.repeat(center(panel.y, axis=1)[:, None], 4, axis=1))


def test_final_blend_holds_files_of_each_member(learnt_world: World) -> None:
    folder = learnt_world.session.folder.final_path("blend") / PAYLOAD / MEMBERS
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {"mean/meta.json", "mean/values.json", "naive/meta.json"}
