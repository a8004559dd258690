"""Where to deliver, without telling secrets."""

import subprocess
import sys

import pytest

from runner.errors import UsageError
from runner.track.destination import destination


def test_destination_without_server_is_local_store(tmp_path):
    place = destination({}, tmp_path)
    assert place.uri == f"sqlite:///{tmp_path}/mlruns/mlflow.db"
    assert place.artifacts == tmp_path / "mlruns" / "artifacts"
    assert place.label == "sqlite:///mlruns/mlflow.db"
    assert not place.remote
    assert not place.present


def test_the_spec_may_name_another_variable(tmp_path):
    assert destination({"MY_SERVER": "http://host:5000"}, tmp_path, "MY_SERVER").uri == "http://host:5000"


def test_credentials_are_used_but_never_shown(tmp_path):
    one, two = (
        destination({"MLFLOW_TRACKING_URI": f"https://{user}@host/mlflow"}, tmp_path)
        for user in ("u:secret", "v:other")
    )
    assert one.uri == "https://u:secret@host/mlflow"
    assert one.label == two.label == "https://host/mlflow"
    assert "secret" not in repr(one)
    assert one.remote
    assert one.artifacts is None


def test_own_database_keeps_artifacts_under_project(tmp_path):
    place = destination({"MLFLOW_TRACKING_URI": "postgresql://u:pw@db/mlflow"}, tmp_path)
    assert place.label == "postgresql://db/mlflow"
    assert place.artifacts == tmp_path / "mlruns" / "artifacts"


def test_what_is_pending_is_known_without_importing_mlflow():
    script = "import sys, runner.track.events, runner.track.destination; print('mlflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "False"


def _named(uri, root):
    return destination({"MLFLOW_TRACKING_URI": uri}, root)


def test_named_database_has_its_own_label(tmp_path, monkeypatch):
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


def test_named_database_may_be_the_projects(tmp_path, monkeypatch):
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


@pytest.mark.parametrize("uri", ["mlr2", "./x", "/abs/x", "file:///x", "file:x"])
def test_folder_as_destination_is_refused(uri, tmp_path):
    with pytest.raises(
        UsageError, match=r"MLFLOW_TRACKING_URI names a folder, .*; name a database, such as sqlite:///"
    ):
        _named(uri, tmp_path)
    allowed = {"MLFLOW_TRACKING_URI": uri, "MLFLOW_ALLOW_FILE_STORE": "true"}
    assert destination(allowed, tmp_path).uri == uri


@pytest.mark.parametrize("uri", ["ftp://u:pw@host/x", "nonsense://x", "uc:http://host", "s3://bucket", "C:/mlruns"])
def test_unknown_scheme_is_refused_without_secrets(uri, tmp_path):
    scheme = uri.partition(":")[0].lower()
    with pytest.raises(UsageError, match=f"no store for an address that begins with {scheme}:; name a server") as said:
        _named(uri, tmp_path)
    assert "pw" not in str(said.value)


@pytest.mark.parametrize(
    "uri", ["databricks", "databricks://profile", "mysql+pymysql://u@db/x", "mssql+pyodbc://x", "HTTPS://host"]
)
def test_what_mlflow_serves_is_taken(uri, tmp_path):
    assert _named(uri, tmp_path).uri.lower() == uri.lower()


def test_mlflow_plugin_may_serve_other_scheme(tmp_path, monkeypatch):
    monkeypatch.setattr("runner.track.destination._plugins", lambda: frozenset(["elsewhere"]))
    assert _named("elsewhere://x", tmp_path).uri == "elsewhere://x"


def test_model_catalogue_is_only_a_registry(tmp_path):
    server = {"MLFLOW_TRACKING_URI": "databricks", "MLFLOW_REGISTRY_URI": "databricks-uc"}
    assert destination(server, tmp_path).registry == "databricks-uc"
    with pytest.raises(UsageError, match="MLFLOW_REGISTRY_URI: MLflow has no store"):
        destination({**server, "MLFLOW_REGISTRY_URI": "ftp://host"}, tmp_path)
