"""No secret reaches a text."""

import logging

import pytest

from runner.files.redact import RedactingFormatter, redact


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("http://user:hunter2@host:5000/x", "http://***@host:5000/x"),
        ("postgresql+psycopg2://u:p%40ss@db/mlflow failed", "postgresql+psycopg2://***@db/mlflow failed"),
        ("http://u:pa/ss@host/x", "http://***@host/x"),
        ("http://u:p@ss?w@host/x", "http://***@host/x"),
        ("https://ghp_abc123@host/x", "https://***@host/x"),
        ("http://:onlypass@host", "http://***@host"),
        ("GET https://h/a?x=1&access_token=abc&y=2", "GET https://h/a?x=1&access_token=***&y=2"),
        ("https://h/a?X-Amz-Signature=abc", "https://h/a?X-Amz-Signature=***"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("{'Authorization': 'Basic dXNlcjpwYXNz'}", "{'Authorization': '***'}"),
    ],
)
def test_credentials_in_addresses_and_headers_are_hidden(text, clean):
    assert redact(text, {}) == clean


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:5000/#/experiments/1",
        "http://host:5000/team@home",
        "sqlite:///mlruns/mlflow.db",
        "https://host/path@v1?page=2",
        "mail a@example.org about num_leaves: 31",
        "specs/a.yaml:9:35 models.lightgbm",
    ],
)
def test_what_holds_no_secret_stays(text):
    assert redact(text, {}) == text


def test_values_of_variables_whose_name_looks_secret_are_hidden_also_in_their_encoded_form():
    environ = {"MLFLOW_TRACKING_PASSWORD": "p@ss word", "AWS_SECRET_ACCESS_KEY": "abcd1234", "HOME": "/home/anna"}
    assert redact("p@ss word, p%40ss%20word, abcd1234, /home/anna", environ) == "***, ***, ***, /home/anna"


def test_a_longer_secret_leaves_no_rest():
    assert redact("abcdefgh", {"A_TOKEN": "abcd", "B_TOKEN": "abcdefgh"}) == "***"


def test_short_and_plain_values_and_innocent_names_are_left():
    environ = {"USE_TOKEN": "1", "KEY": "true", "KEYBOARD": "german", "PWD": "/project"}
    assert redact("1 true german /project", environ) == "1 true german /project"


def test_a_log_line_is_clean_with_its_arguments_and_traceback(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "s3cr3t-value")
    try:
        raise ValueError("http://u:pw1234@host s3cr3t-value")
    except ValueError as error:
        record = logging.LogRecord("a", 20, "f", 1, "to %s", ("http://u:pw1234@h",), (ValueError, error, None))
    line = RedactingFormatter("%(message)s").format(record)
    assert "pw1234" not in line
    assert "s3cr3t" not in line
