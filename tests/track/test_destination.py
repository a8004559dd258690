"""Where to deliver, without telling secrets."""

import subprocess
import sys

import pytest

from runner.track.destination import destination


def test_without_a_server_it_is_the_local_store_under_the_project(tmp_path):
    place = destination({}, tmp_path)
    assert place.uri == f"sqlite:///{tmp_path}/mlruns/mlflow.db"
    assert place.artifacts == tmp_path / "mlruns" / "artifacts"
    assert place.label == "sqlite:///mlruns/mlflow.db"
    assert not place.remote
    assert not place.present


def test_the_spec_may_name_another_variable(tmp_path):
    assert destination({"MY_SERVER": "http://host:5000"}, tmp_path, "MY_SERVER").uri == "http://host:5000"


def test_credentials_are_used_but_never_shown_and_do_not_make_another_destination(tmp_path):
    one, two = (
        destination({"MLFLOW_TRACKING_URI": f"https://{user}@host/mlflow"}, tmp_path)
        for user in ("u:secret", "v:other")
    )
    assert one.uri == "https://u:secret@host/mlflow"
    assert one.label == two.label == "https://host/mlflow"
    assert "secret" not in repr(one)
    assert one.remote
    assert one.artifacts is None


def test_a_database_of_ones_own_keeps_its_artefacts_under_the_project(tmp_path):
    place = destination({"MLFLOW_TRACKING_URI": "postgresql://u:pw@db/mlflow"}, tmp_path)
    assert place.label == "postgresql://db/mlflow"
    assert place.artifacts == tmp_path / "mlruns" / "artifacts"


def test_what_is_pending_is_known_without_importing_mlflow():
    script = "import sys, runner.track.events, runner.track.destination; print('mlflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "False"


def _named(uri, root):
    return destination({"MLFLOW_TRACKING_URI": uri}, root)


def test_a_database_that_is_named_is_a_file_with_a_label_of_its_own(tmp_path, monkeypatch):
    folders = [tmp_path / name for name in ("one", "two")]
    found = []
    for folder in folders:
        folder.mkdir()
        monkeypatch.chdir(folder)
        found.append(_named("sqlite:///mlruns/mlflow.db", tmp_path / "project"))
    assert [place.database for place in found] == [folder / "mlruns" / "mlflow.db" for folder in folders]
    assert [place.label for place in found] == [f"sqlite:///{place.database}" for place in found]
    assert [place.uri for place in found] == [place.registry for place in found] == [place.label for place in found]
    assert not found[0].present
    assert _named(f"sqlite:///{found[0].database}", tmp_path / "project") == found[0]


def test_a_database_that_is_named_is_not_the_projects_own_unless_it_is(tmp_path, monkeypatch):
    own = destination({}, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert own.own
    assert _named(own.uri, tmp_path) == _named("sqlite:///mlruns/mlflow.db", tmp_path) == own
    other = _named(f"sqlite:///{tmp_path}/mlflow.db", tmp_path)
    assert (other.own, other.artifacts) == (False, own.artifacts)


@pytest.mark.parametrize("uri", ["sqlite:///x.db?timeout=5", "sqlite:///file:x.db?uri=true", "sqlite:///a%20b.db"])
def test_an_unusual_database_is_left_to_mlflow(uri, tmp_path):
    place = _named(uri, tmp_path)
    assert (place.uri, place.label, place.database, place.own) == (uri, uri, None, False)
