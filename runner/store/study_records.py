"""Keep the records of one study: a file each while it grows, one compact file when it is finished.

Single files are read before the compact one: a reader that lists them while the driver compacts finds what vanished
in the compact file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Generic, TypeVar

from runner.errors import StoreError
from runner.files.atomic import store_error, sync_folder, write_bytes
from runner.files.checksum import DamagedError, unwrap, wrap
from runner.values.records import Generation, TrialRecord, as_record, plain

R = TypeVar("R", Generation, TrialRecord)
SetAside = Callable[[Path, str], None]
"""(file, reason): renames a damaged file and records it."""
Signature = tuple[int, int, int]


class LateError(StoreError):
    """A different result came for something that is already recorded; the record stays as it is."""


class RecordFiles(Generic[R]):
    """Numbered records of one kind, a file with checksum each. A file is read again only when it changed."""

    def __init__(self, folder: Path, noun: str, kind: type[R], set_aside: SetAside) -> None:
        self._folder, self._noun, self._set_aside = folder, noun, set_aside
        self._kind: type[R] = kind
        self._read: dict[str, tuple[Signature, R]] = {}

    def path(self, number: int) -> Path:
        """Return the file of a record."""
        return self._folder / f"{self._noun}-{number:06d}.json"

    def write(self, record: R) -> None:
        """Write the record; an equal file is replaced by itself."""
        write_bytes(self.path(record.number), wrap(plain(record)))

    def files(self) -> list[Path]:
        """Return the files in order of their numbers."""
        return sorted(self._folder.glob(f"{self._noun}-*.json"))

    def all(self) -> dict[int, R]:
        """Return number -> record of every undamaged file; set the others aside."""
        records = (self.read(path) for path in self.files())
        return {record.number: record for record in records if record is not None}

    def read(self, path: Path) -> R | None:
        """Return the record in a file; None when it is absent or damaged."""
        signature = file_signature(path)
        if signature is None:
            return None
        entry = self._read.get(path.name)
        if entry is None or entry[0] != signature:
            record = self._parse(path)
            if record is None:
                return None
            entry = self._read[path.name] = (signature, record)
        return entry[1]

    def parse(self, document: Any) -> R:
        """Return the document as a record. Raises DamagedError."""
        return as_record(self._kind, document)

    def _parse(self, path: Path) -> R | None:
        try:
            record = self.parse(unwrap(path.read_bytes()))
            if path != self.path(record.number):
                raise DamagedError(f"holds {self._noun} {record.number}")
            return record
        except FileNotFoundError:
            return None
        except DamagedError as error:
            self._set_aside(path, str(error))
            return None
        except OSError as error:
            raise store_error(path, error) from error


class StudyFolder:
    """Generations and trials of one model. One process writes; any number may read."""

    def __init__(self, folder: Path, set_aside: SetAside, *, repair: bool = True) -> None:
        self.path = folder
        self._repair = repair
        self._set_aside = set_aside
        self._asked = RecordFiles(folder, "generation", Generation, set_aside)
        self._finished = RecordFiles(folder, "trial", TrialRecord, set_aside)
        self._compact_path = folder / "study.jsonl"
        self._compact_read: tuple[Signature, dict[int, Generation], dict[int, TrialRecord]] | None = None

    def add_generation(self, generation: Generation) -> None:
        """Write a generation to disk. Raises LateError when a different one has its number."""
        self._add(self._asked, generation, self._compacted()[0])

    def add_trial(self, trial: TrialRecord) -> None:
        """Write a trial to disk. Raises LateError when a different one has its number."""
        self._add(self._finished, trial, self._compacted()[1])

    def generations(self) -> tuple[Generation, ...]:
        """Return all generations in order of their numbers."""
        single = self._asked.all()
        return _in_order(self._compacted()[0] | single)

    def trials(self) -> tuple[TrialRecord, ...]:
        """Return all trials in order of their numbers."""
        single = self._finished.all()
        return _in_order(self._compacted()[1] | single)

    def compact(self) -> None:
        """Move all records into one file. A kill loses no record, and the next call continues."""
        files = [*self._asked.files(), *self._finished.files()]
        if not files:
            return
        generations, trials = self.generations(), self.trials()
        write_bytes(self._compact_path, _pack(generations, trials))
        for path in files:
            path.unlink(missing_ok=True)
        sync_folder(self.path)

    def _add(self, shelf: RecordFiles[R], record: R, compacted: dict[int, R]) -> None:
        path = shelf.path(record.number)
        recorded = shelf.read(path) or compacted.get(record.number)
        if recorded is None:
            shelf.write(record)
        elif plain(recorded) != plain(record):
            raise LateError(f"{path}: already recorded with other content; the late record is refused")

    def _compacted(self) -> tuple[dict[int, Generation], dict[int, TrialRecord]]:
        signature = file_signature(self._compact_path)
        if signature is None:
            return {}, {}
        if self._compact_read is None or self._compact_read[0] != signature:
            generations, trials, reason = self._unpack(self._compact_path.read_bytes())
            if reason:
                self._salvage(generations.values(), trials.values(), reason)
                return generations, trials
            self._compact_read = (signature, generations, trials)
        return self._compact_read[1:]

    def _unpack(self, content: bytes) -> tuple[dict[int, Generation], dict[int, TrialRecord], str]:
        """Return every undamaged record, and what is wrong with the file ("" for nothing)."""
        generations: dict[int, Generation] = {}
        trials: dict[int, TrialRecord] = {}
        expected: Any = None
        bad = 0
        for line in content.splitlines():
            try:
                ((noun, document),) = unwrap(line).items()
                if noun == "count":
                    expected = document
                elif noun == "generation":
                    _put(generations, self._asked.parse(document))
                else:
                    _put(trials, self._finished.parse(document))
            except (DamagedError, AttributeError, ValueError):
                bad += 1
        is_whole = not bad and expected == [len(generations), len(trials)]
        return generations, trials, "" if is_whole else f"{bad} damaged lines, or lines are absent"

    def _salvage(self, generations: Iterable[Generation], trials: Iterable[TrialRecord], reason: str) -> None:
        """Write the undamaged records to single files, then set the damaged file aside."""
        if self._repair:
            for generation in generations:
                self._asked.write(generation)
            for trial in trials:
                self._finished.write(trial)
        self._set_aside(self._compact_path, reason)


def file_signature(path: Path) -> Signature | None:
    """Return a value that changes whenever the file is replaced; None when there is no file."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise store_error(path, error) from error
    return status.st_ino, status.st_mtime_ns, status.st_size


def _pack(generations: Iterable[Generation], trials: Iterable[TrialRecord]) -> bytes:
    lines = [wrap({"generation": plain(g)}) for g in generations]
    n_generations = len(lines)
    lines += [wrap({"trial": plain(t)}) for t in trials]
    return wrap({"count": [n_generations, len(lines) - n_generations]}) + b"".join(lines)


def _put(records: dict[int, R], record: R) -> None:
    records[record.number] = record


def _in_order(records: dict[int, R]) -> tuple[R, ...]:
    return tuple(records[number] for number in sorted(records))
