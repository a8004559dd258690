"""The records of one study: a file each while it grows, one file when it is finished, readable at every moment.

Individual files win over the compact one only in that they are read first: a reader that lists them while the
coordinator compacts finds in the compact file whatever vanished under its hands.
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
"""(file, reason): renames a damaged file and notes it."""
Signature = tuple[int, int, int]


class LateError(StoreError):
    """A result arrived for something that is recorded already, with other content; the record stays as it is."""


class Shelf(Generic[R]):
    """Numbered records of one kind, a sealed file each. What was read once is read again only when it changed."""

    def __init__(self, folder: Path, noun: str, kind: type[R], set_aside: SetAside) -> None:
        self._folder, self._noun, self._set_aside = folder, noun, set_aside
        self._kind: type[R] = kind
        self._read: dict[str, tuple[Signature, R]] = {}

    def path(self, number: int) -> Path:
        return self._folder / f"{self._noun}-{number:06d}.json"

    def write(self, record: R) -> None:
        """Record it, or leave the equal one that is there."""
        write_bytes(self.path(record.number), wrap(plain(record)))

    def files(self) -> list[Path]:
        return sorted(self._folder.glob(f"{self._noun}-*.json"))

    def all(self) -> dict[int, R]:
        """Number -> record of every file that is whole; the others are set aside."""
        found = (self.read(path) for path in self.files())
        return {record.number: record for record in found if record is not None}

    def read(self, path: Path) -> R | None:
        """The record in a file; None when there is no such file, or a damaged one."""
        signature = file_signature(path)
        if signature is None:
            return None
        known = self._read.get(path.name)
        if known is None or known[0] != signature:
            record = self._parse(path)
            if record is None:
                return None
            known = self._read[path.name] = (signature, record)
        return known[1]

    def parse(self, document: Any) -> R:
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
    """Generations asked and trials finished for one model. One process writes; any number may read."""

    def __init__(self, folder: Path, set_aside: SetAside, *, repair: bool = True) -> None:
        self.path = folder
        self._repair = repair
        self._set_aside = set_aside
        self._asked = Shelf(folder, "generation", Generation, set_aside)
        self._finished = Shelf(folder, "trial", TrialRecord, set_aside)
        self._compact_path = folder / "study.jsonl"
        self._compact_read: tuple[Signature, dict[int, Generation], dict[int, TrialRecord]] | None = None

    def add_generation(self, generation: Generation) -> None:
        """On disk when this returns. Raises LateError when other asks are recorded under its number."""
        self._add(self._asked, generation, self._compacted()[0])

    def add_trial(self, trial: TrialRecord) -> None:
        """On disk when this returns. Raises LateError when another result is recorded under its number."""
        self._add(self._finished, trial, self._compacted()[1])

    def generations(self) -> tuple[Generation, ...]:
        """In order of their numbers."""
        single = self._asked.all()
        return _in_order(self._compacted()[0] | single)

    def trials(self) -> tuple[TrialRecord, ...]:
        """In order of their numbers."""
        single = self._finished.all()
        return _in_order(self._compacted()[1] | single)

    def compact(self) -> None:
        """All records in one file. Killed anywhere, every record is still there once, and the next call ends it."""
        files = [*self._asked.files(), *self._finished.files()]
        if not files:
            return
        generations, trials = self.generations(), self.trials()
        write_bytes(self._compact_path, _pack(generations, trials))
        for path in files:
            path.unlink(missing_ok=True)
        sync_folder(self.path)

    def _add(self, shelf: Shelf[R], record: R, compacted: dict[int, R]) -> None:
        path = shelf.path(record.number)
        known = shelf.read(path) or compacted.get(record.number)
        if known is None:
            shelf.write(record)
        elif plain(known) != plain(record):
            raise LateError(f"{path}: already recorded with other content; the late one is refused")

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
        """Every record that is whole, and what is wrong with the file ("" for nothing)."""
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
        whole = not bad and expected == [len(generations), len(trials)]
        return generations, trials, "" if whole else f"{bad} damaged lines, or lines are absent"

    def _salvage(self, generations: Iterable[Generation], trials: Iterable[TrialRecord], reason: str) -> None:
        """What is whole goes back to single files before the damaged file is set aside."""
        if self._repair:
            for generation in generations:
                self._asked.write(generation)
            for trial in trials:
                self._finished.write(trial)
        self._set_aside(self._compact_path, reason)


def file_signature(path: Path) -> Signature | None:
    """Changes whenever the file is replaced; None when there is none."""
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


def _put(found: dict[int, R], record: R) -> None:
    found[record.number] = record


def _in_order(found: dict[int, R]) -> tuple[R, ...]:
    return tuple(found[number] for number in sorted(found))
