"""Progress of a run: live bars on a terminal or in a notebook, plain lines elsewhere."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from runner.progress import Event, Listener, MemberDone, Note, Planned, TrialDone, silent

WIDTH_WITHOUT_TERMINAL = 120


@contextmanager
def listener(progress: Listener | None) -> Iterator[Listener]:
    """Yield the caller's listener, else bars in a notebook, else one that shows nothing."""
    if progress is not None or not Console().is_jupyter:
        yield progress or silent
        return
    with Screen() as screen:
        yield screen


class _Terminal(Console):
    """A console that raises BrokenPipeError on a closed pipe instead of ending the program."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class Screen:
    """A listener of progress events: bars on a terminal, a line for each event elsewhere."""

    def __init__(self, *, quiet: bool = False) -> None:
        terminal = sys.stderr is not None and sys.stderr.isatty()
        self.console = _Terminal(stderr=True, highlight=False, width=None if terminal else WIDTH_WITHOUT_TERMINAL)
        self.quiet = quiet
        self.started = time.monotonic()
        self._spent = 0.0
        self._tasks: dict[str, TaskID] = {}
        self._totals: dict[str, tuple[int, int]] = {}
        self._bars = Progress(
            TextColumn("{task.description:<16}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[best]}"),
            TimeElapsedColumn(),
            console=self.console,
        )
        self._left = TextColumn("")
        live = (terminal or _has_widgets(self.console)) and not quiet
        self._live = Live(self._bars, console=self.console, refresh_per_second=4) if live else None

    def __enter__(self) -> Screen:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, event: Event) -> None:
        if self.quiet or sys.stderr is None:
            return
        try:
            self._show(event)
        except OSError:  # the pipe is closed: continue the run without progress
            self.quiet = True

    def _show(self, event: Event) -> None:
        match event:
            case Planned():
                self._planned(event)
            case TrialDone():
                self._trial(event)
            case MemberDone():
                self._member(event)
            case Note(text=text, level=level):
                self.console.print(escape(text), style="yellow" if level == "warning" else None)

    def _planned(self, event: Planned) -> None:
        for line in event.lines:
            self.console.print(escape(line), soft_wrap=True)
        self._totals = dict(event.trials)
        for model, (done, total) in event.trials.items():
            self._tasks[model] = self._bars.add_task(escape(model), total=total, completed=done, best="")

    def _trial(self, event: TrialDone) -> None:
        self._totals[event.model] = (event.done, event.total)
        best = "" if event.best is None else f"best {event.best:.5g}{self._time_left()}"
        if self._live is not None:
            self._bars.update(self._tasks[event.model], completed=event.done, best=best)
        else:
            value = f"{event.value:.5g}" if event.value is not None else event.state
            line = (
                f"{event.model} trial {event.number}: {value} in {event.seconds:.1f} s; {event.done} of {event.total}"
            )
            self.console.print(escape(f"{line}; {best}" if best else line), soft_wrap=True)
        if event.state == "fail":
            self.console.print(escape(f"{event.model} trial {event.number} failed: {event.reason}"), style="yellow")

    def _member(self, event: MemberDone) -> None:
        if event.status == "failed":
            self.console.print(escape(f"{event.model} failed: {event.reason}"), style="red")
        elif self._live is None:
            self.console.print(f"{event.model} on the test windows: done; {event.done} of {event.total}")

    def _time_left(self) -> str:
        """Return the estimated time left; empty until two trials are done."""
        done = sum(d for d, _ in self._totals.values())
        total = sum(t for _, t in self._totals.values())
        if done < 2 or done >= total:
            return ""
        seconds = (time.monotonic() - self.started) / done * (total - done)
        if seconds < 1:
            return ""
        return f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"


def _has_widgets(console: Console) -> bool:
    """Whether this is a notebook that can update what it shows; without ipywidgets rich warns instead."""
    return console.is_jupyter and importlib.util.find_spec("ipywidgets") is not None
