"""Seconds and peak memory of a whole run: `python benchmarks/job.py specs/walmart.yaml [run-spec's options]`.

Memory is the proportional set size (PSS) of the driver and all its workers together, looked at ten times a second, so
that pages they share count once. Needs psutil, which streamlit and others bring along.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import psutil


def main(arguments: list[str]) -> int:
    """Run the job and print the table; its exit code."""
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "runner", *arguments])
    watcher = _Watcher(process.pid)
    watcher.start()
    code = process.wait()
    watcher.done.set()
    watcher.join()
    seconds = time.monotonic() - began
    print(f"{'exit code':<22}{code}")  # noqa: T201
    print(f"{'wall seconds':<22}{seconds:.1f}")  # noqa: T201
    print(f"{'peak memory, all':<22}{watcher.peak / 1e6:.0f} MB")  # noqa: T201
    print(f"{'of each then':<22}{watcher.at_peak} MB, after {watcher.seconds:.0f} s")  # noqa: T201
    print(f"{'peak memory, one':<22}{watcher.largest / 1e6:.0f} MB")  # noqa: T201
    print(f"{'processes at the most':<22}{watcher.most}")  # noqa: T201
    return code


class _Watcher(threading.Thread):
    """Looks at a process and its children until told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.root, self.done = psutil.Process(pid), threading.Event()
        self.peak = self.largest = self.most = 0
        self.at_peak: list[int] = []
        self.began, self.seconds = time.monotonic(), 0.0

    def run(self) -> None:
        while not self.done.wait(0.1):
            sizes = [size for size in map(_size, self._family()) if size]
            if sum(sizes) > self.peak:
                self.peak, self.at_peak = sum(sizes), sorted((s // 1_000_000 for s in sizes), reverse=True)
                self.seconds = time.monotonic() - self.began
            self.largest = max([self.largest, *sizes])
            self.most = max(self.most, len(sizes))

    def _family(self) -> list[psutil.Process]:
        try:
            return [self.root, *self.root.children(recursive=True)]
        except psutil.Error:
            return []


def _size(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
