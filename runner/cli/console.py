"""Show a run: live bars on a terminal, plain lines elsewhere, and the final scoreboard."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from runner.progress import Event, MemberDone, Note, Planned, TrialDone
from runner.results.scoreboard import columns, rows, verdict
from runner.run.launch import Outcome

WIDTH_WITHOUT_TERMINAL = 120


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
        self._live = Live(self._bars, console=self.console, refresh_per_second=4) if terminal and not quiet else None

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


def final_report(outcome: Outcome) -> Group:
    """Return the scoreboard, the verdict, and the places of all files."""
    document = outcome.document
    table = Table(title=f"{document.name}  run {document.run_id}", title_justify="left", box=None, pad_edge=False)
    for number, title in enumerate(columns(document)):
        table.add_column(title, justify="left" if number == 1 else "right", no_wrap=True)
    for row, result in zip(rows(document), document.results, strict=True):
        style = "dim" if result.status == "failed" else "bold" if result.rank == 1 else None
        table.add_row(*(escape(cell) for cell in row), style=style)
    lines: list[RenderableType] = [table, "", escape(verdict(document))]
    lines += [escape(f"{row.model_name} failed: {row.reason}") for row in document.results if row.status == "failed"]
    if document.test_looks > 1:
        lines.append(f"{document.test_looks} different runs have now looked at these test windows.")
    return Group(*lines, *file_lines(outcome))


def file_lines(outcome: Outcome) -> list[str]:
    """Return lines with the places of all files."""
    results = "none: a run with --set writes its own folder only" if outcome.benchmark is None else outcome.benchmark
    lines = [f"results   {results}"]
    lines.append(f"folder    {outcome.folder}")
    if not outcome.fresh:
        lines.append(
            "Nothing to do: the run is finished. `--force` runs it again, a larger `study.budget` continues it."
        )
    return [escape(line) for line in (*lines, *outcome.notes)]


__all__ = ["Console", "Screen", "file_lines", "final_report"]
