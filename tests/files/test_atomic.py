"""Files and folders appear whole or not at all."""

import errno
import os
import subprocess
import sys

import pytest

from runner.errors import StoreError
from runner.files import atomic


def test_write_bytes_twice_leaves_the_last_content_only(tmp_path):
    path = tmp_path / "deep" / "a.json"
    atomic.write_bytes(path, b"one")
    atomic.write_bytes(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in path.parent.iterdir()] == ["a.json"]


def test_write_bytes_syncs_before_and_after_the_rename(tmp_path, monkeypatch):
    done = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append("fsync"), fsync(handle))[1])
    monkeypatch.setattr(os, "replace", lambda a, b: (done.append("rename"), replace(a, b))[1])
    atomic.write_bytes(tmp_path / "a", b"x")
    assert done == ["fsync", "rename", "fsync"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_write_bytes_on_a_full_disk_keeps_old(tmp_path, monkeypatch, code):
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


def test_write_bytes_over_a_size_limit_keeps_old(tmp_path):
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


def test_write_bytes_below_a_file_names_the_path(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/a\.json: cannot be written or read"):
        atomic.write_bytes(tmp_path / "file" / "a.json", b"x")


def test_append_line_after_a_torn_line_starts_a_new_one(tmp_path):
    path = tmp_path / "marks"
    atomic.append_line(path, "one")
    with path.open("ab") as file:
        file.write(b"to")
    atomic.append_line(path, "three")
    assert path.read_text() == "one\nto\nthree\n"


@pytest.mark.parametrize(("count", "text"), [(17, "17 B"), (3_200_000, "3.2 MB"), (0, "0 B"), (5e12, "5 TB")])
def test_show_bytes_picks_a_readable_unit(count, text):
    assert atomic.show_bytes(count) == text


def test_new_folder_appears_whole_with_usual_permissions(tmp_path):
    (tmp_path / "made").mkdir()
    with atomic.new_folder(tmp_path / "deep" / "a") as scratch:
        (scratch / "file").write_text("one")
        assert not (tmp_path / "deep" / "a").exists()
    assert (tmp_path / "deep" / "a" / "file").read_text() == "one"
    assert (tmp_path / "deep" / "a").stat().st_mode == (tmp_path / "made").stat().st_mode
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a"]


def write_folder(target, text, *, replace, error=None):
    with atomic.new_folder(target, replace=replace) as scratch:
        (scratch / "file").write_text(text)
        if error is not None:
            raise error


@pytest.mark.parametrize(("replace", "text"), [(False, "one"), (True, "two")])
def test_new_folder_replaces_an_older_one_on_request(tmp_path, replace, text):
    for content in ("one", "two"):
        write_folder(tmp_path / "a", content, replace=replace)
    assert (tmp_path / "a" / "file").read_text() == text
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_new_folder_after_an_error_keeps_the_old(tmp_path):
    write_folder(tmp_path / "a", "one", replace=True)
    with pytest.raises(KeyError):
        write_folder(tmp_path / "a", "two", replace=True, error=KeyError())
    assert (tmp_path / "a" / "file").read_text() == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_publish_folder_that_fails_restores_the_old(tmp_path):
    write_folder(tmp_path / "a", "one", replace=True)
    with pytest.raises(OSError, match="absent"):
        atomic.publish_folder(tmp_path / "absent", tmp_path / "a", replace=True)
    assert (tmp_path / "a" / "file").read_text() == "one"


def test_remove_scratch_spares_the_folders_of_others(tmp_path):
    for name in (".a.abcdefgh.new", ".a.b.abcdefgh.new", "a"):
        (tmp_path / name).mkdir()
    atomic.remove_scratch(tmp_path / "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.b.abcdefgh.new", "a"]
