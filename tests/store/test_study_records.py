"""The records of a study are the truth: each there once, at every moment, or known to be damaged."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from runner.errors import StoreError
from runner.store.run import RunFolder
from runner.store.study_records import LateError
from runner.values.records import plain


def _reopened(folder: RunFolder, **options) -> RunFolder:
    return RunFolder(folder.path, folder.name, folder.run_id, **options)


def _texts(records):
    return [plain(record) for record in records]


def test_trials_come_back_in_order(run_folder, trial, generation):
    for number in (2, 0, 1):
        run_folder.add_trial("lightgbm", trial(number))
        run_folder.add_generation("lightgbm", generation(number))
    again = _reopened(run_folder)
    assert [t.number for t in again.trials("lightgbm")] == [0, 1, 2]
    assert [g.number for g in again.generations("lightgbm")] == [0, 1, 2]
    assert _texts(again.trials("lightgbm")) == [plain(trial(n)) for n in range(3)]
    assert again.models() == ("lightgbm",)


def test_study_without_records_makes_no_folder(run_folder):
    run_folder.compact("lightgbm")
    assert run_folder.trials("lightgbm") == run_folder.generations("lightgbm") == ()
    assert not run_folder.path.exists()


@pytest.mark.parametrize("compacted", [False, True])
def test_add_trial_again_with_other_content_raises(run_folder, trial, compacted):
    run_folder.add_trial("lightgbm", trial(0))
    if compacted:
        run_folder.compact("lightgbm")
    run_folder.add_trial("lightgbm", trial(0))
    with pytest.raises(LateError, match="already recorded") as caught:
        run_folder.add_trial("lightgbm", trial(0, value=9.0))
    assert isinstance(caught.value, StoreError)
    assert "\n" not in str(caught.value)
    assert _texts(_reopened(run_folder).trials("lightgbm")) == [plain(trial(0))]


def test_add_generation_again_with_other_asks_raises(run_folder, generation):
    run_folder.add_generation("lightgbm", generation(0))
    run_folder.add_generation("lightgbm", generation(0))
    other = generation(1).model_copy(update={"number": 0})
    with pytest.raises(LateError):
        run_folder.add_generation("lightgbm", other)


def test_compact_leaves_one_file_and_all_records(run_folder, trial, generation):
    for number in range(5):
        run_folder.add_trial("lightgbm", trial(number))
    run_folder.add_generation("lightgbm", generation(0))
    before = run_folder.trials("lightgbm")
    run_folder.compact("lightgbm")
    folder = run_folder.path / "studies" / "lightgbm"
    assert [p.name for p in folder.iterdir()] == ["study.jsonl"]
    assert run_folder.trials("lightgbm") == before
    run_folder.add_trial("lightgbm", trial(5))
    assert len(_reopened(run_folder).trials("lightgbm")) == 6
    run_folder.compact("lightgbm")
    run_folder.compact("lightgbm")
    assert len(_reopened(run_folder).trials("lightgbm")) == 6
    assert len(_reopened(run_folder).generations("lightgbm")) == 1


def test_compact_killed_anywhere_loses_no_record(run_folder, trial, generation, monkeypatch):
    for number in range(3):
        run_folder.add_trial("lightgbm", trial(number))
    run_folder.add_generation("lightgbm", generation(0))
    expected = _texts(run_folder.trials("lightgbm"))
    for allowed in range(8):
        calls = iter(range(100))

        def dies(function, calls=calls, allowed=allowed):
            def step(*args, **kwargs):
                if next(calls) >= allowed:
                    raise SystemExit
                return function(*args, **kwargs)

            return step

        with monkeypatch.context() as patch, suppress(SystemExit):
            patch.setattr(os, "replace", dies(os.replace))
            patch.setattr(Path, "unlink", dies(Path.unlink))
            patch.setattr("runner.store.study_records.sync_folder", dies(lambda folder: None))
            _reopened(run_folder).compact("lightgbm")
        again = _reopened(run_folder)
        assert _texts(again.trials("lightgbm")) == expected
        assert len(again.generations("lightgbm")) == 1
        assert again.damaged == []


def test_trials_set_a_damaged_record_aside(run_folder, trial):
    for number in range(3):
        run_folder.add_trial("lightgbm", trial(number))
    file = run_folder.path / "studies" / "lightgbm" / "trial-000001.json"
    heard = []
    for attempt in (1, 2):
        file.write_bytes(file.read_bytes()[:-20])
        again = _reopened(run_folder, on_damage=heard.append)
        assert [t.number for t in again.trials("lightgbm")] == [0, 2]
        assert again.damaged == heard[-1:]
        assert heard[-1].moved_to.name == f"trial-000001.json.damaged-{attempt}"
        assert str(heard[-1]).startswith(f"{file}: damaged (")
        again.add_trial("lightgbm", trial(1))
    assert len(_reopened(run_folder).trials("lightgbm")) == 3


def test_add_trial_over_a_damaged_record_replaces_it(run_folder, trial):
    run_folder.add_trial("lightgbm", trial(0))
    file = run_folder.path / "studies" / "lightgbm" / "trial-000000.json"
    file.write_bytes(b"garbage")
    again = _reopened(run_folder)
    again.add_trial("lightgbm", trial(0))
    assert _texts(again.trials("lightgbm")) == [plain(trial(0))]
    assert len(again.damaged) == 1


def test_trials_ignore_a_record_under_another_number(run_folder, trial):
    run_folder.add_trial("lightgbm", trial(0))
    folder = run_folder.path / "studies" / "lightgbm"
    (folder / "trial-000007.json").write_bytes((folder / "trial-000000.json").read_bytes())
    assert [t.number for t in run_folder.trials("lightgbm")] == [0]
    assert run_folder.damaged[0].reason == "holds trial 0"


def test_trials_survive_a_damaged_compact_file(run_folder, trial, generation):
    for number in range(4):
        run_folder.add_trial("lightgbm", trial(number))
    run_folder.add_generation("lightgbm", generation(0))
    run_folder.compact("lightgbm")
    path = run_folder.path / "studies" / "lightgbm" / "study.jsonl"
    lines = path.read_bytes().split(b"\n")
    lines[3] = lines[3][:-9]
    path.write_bytes(b"\n".join(lines))
    again = _reopened(run_folder)
    assert [t.number for t in again.trials("lightgbm")] == [0, 2, 3]
    assert len(again.generations("lightgbm")) == 1
    assert again.damaged[0].moved_to.name == "study.jsonl.damaged-1"
    assert [t.number for t in _reopened(run_folder).trials("lightgbm")] == [0, 2, 3]


def test_compact_file_cut_anywhere_loses_no_whole_record(run_folder, trial, generation):
    for number in range(2):
        run_folder.add_trial("lightgbm", trial(number))
    run_folder.add_generation("lightgbm", generation(0))
    run_folder.compact("lightgbm")
    path = run_folder.path / "studies" / "lightgbm" / "study.jsonl"
    content = path.read_bytes()
    for length in [*range(0, len(content), 7), *range(len(content) - 9, len(content) + 1)]:
        path.write_bytes(content[:length])
        reader = _reopened(run_folder, read_only=True)
        found = reader.trials("lightgbm")
        assert _texts(found) == [plain(trial(n)) for n in range(len(found))]
        assert reader.damaged or len(found) == 2


def test_read_only_study_leaves_a_damaged_file(run_folder, trial):
    run_folder.add_trial("lightgbm", trial(0))
    file = run_folder.path / "studies" / "lightgbm" / "trial-000000.json"
    file.write_bytes(b"garbage")
    reader = _reopened(run_folder, read_only=True)
    assert reader.trials("lightgbm") == reader.trials("lightgbm") == ()
    assert file.read_bytes() == b"garbage"
    assert len(reader.damaged) == 1


def test_acknowledged_trials_survive_kill_9(run_folder, tmp_path):
    script = f"""
from pathlib import Path
from runner.values.records import TrialRecord
from runner.store.run import RunFolder
folder = RunFolder(Path({str(run_folder.path)!r}), "sales", "0123456789ab")
done = len(folder.trials("m"))
while True:
    folder.add_trial("m", TrialRecord(number=done, state="complete", params={{"x": done / 7}}, value=done / 3))
    print(done, flush=True)
    done += 1
    if done % 5 == 0:
        folder.compact("m")
"""
    for lines in (3, 7, 11):
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        acknowledged = [int(process.stdout.readline()) for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in process.stdout.read().splitlines()]
        process.wait(timeout=10)
        process.stdout.close()
        found = _reopened(run_folder).trials("m")
        numbers = [t.number for t in found]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) >= acknowledged[-1] + 1
        assert all(t.value == t.number / 3 for t in found)
