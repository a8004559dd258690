"""A file is there whole or not at all."""

import errno
import os
import subprocess
import sys

import pytest

from runner.errors import StoreError
from runner.files import atomic


def test_a_written_file_holds_exactly_its_content_and_no_temp_file_stays(tmp_path):
    path = tmp_path / "deep" / "a.json"
    atomic.write_bytes(path, b"one")
    atomic.write_bytes(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in path.parent.iterdir()] == ["a.json"]


def test_content_and_folder_reach_the_disk_before_and_after_the_rename(tmp_path, monkeypatch):
    done = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append("fsync"), fsync(handle))[1])
    monkeypatch.setattr(os, "replace", lambda a, b: (done.append("rename"), replace(a, b))[1])
    atomic.write_bytes(tmp_path / "a", b"x")
    assert done == ["fsync", "rename", "fsync"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_one_line_with_path_needed_and_free_and_the_old_file_is_intact(tmp_path, monkeypatch, code):
    path = tmp_path / "a.json"
    atomic.write_bytes(path, b"old")

    def full(_handle):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError) as caught:
        atomic.write_bytes(path, b"n" * 2000)
    assert str(path) in str(caught.value)
    assert "needed 2 kB, free " in str(caught.value)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_real_limit_on_file_size_leaves_the_old_file_and_exits_with_one_line(tmp_path):
    script = f"""
import pathlib, resource, signal
from runner.errors import StoreError
from runner.files.atomic import write_bytes
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = pathlib.Path({str(tmp_path / "a")!r})
write_bytes(path, b"old")
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_bytes(path, b"x" * 5000)
except StoreError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert "needed 5 kB" in done.stdout
    assert done.stderr == ""
    assert (tmp_path / "a").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_made_is_one_line_with_the_path(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/a\.json: cannot be written or read"):
        atomic.write_bytes(tmp_path / "file" / "a.json", b"x")


def test_a_line_after_a_torn_one_stands_on_its_own(tmp_path):
    path = tmp_path / "marks"
    atomic.append_line(path, "one")
    with path.open("ab") as file:
        file.write(b"to")
    atomic.append_line(path, "three")
    assert path.read_text() == "one\nto\nthree\n"


def test_not_a_number_is_never_written():
    with pytest.raises(ValueError, match="not JSON compliant"):
        atomic.canonical_json({"wape": float("nan")})


@pytest.mark.parametrize(("count", "text"), [(17, "17 B"), (3_200_000, "3.2 MB"), (0, "0 B"), (5e12, "5 TB")])
def test_sizes_are_shown_in_readable_units(count, text):
    assert atomic.show_bytes(count) == text


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "[" * 900 + "]" * 900, '{"a":' * 101 + "1" + "}" * 101])
def test_what_is_no_document_is_a_value_error_however_deeply_it_is_nested(text):
    with pytest.raises(ValueError, match=r"Expecting|nested more than 100 levels deep"):
        atomic.parse_json(text)


def test_a_document_of_our_depth_comes_back():
    assert atomic.parse_json(b'{"a": [{"b": [1, null]}]}') == {"a": [{"b": [1, None]}]}
