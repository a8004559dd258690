"""Turn arguments into one call, and its result into text and an exit code.

`--help` reads the table below; a command's module is imported only when the command runs.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, NoReturn, Protocol, TextIO

from runner import __version__
from runner.errors import Interrupted, RunSpecError, SpecError, StoreError, UsageError, closest

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "run": ("runner.cli.run", "run specs; finished work is not repeated"),
    "plan": ("runner.cli.plan", "show with dates what a run would do, without running it"),
    "lint": ("runner.cli.lint", "check specs without running them"),
    "explain": ("runner.cli.explain", "show every resolved value with the file and line that set it"),
    "diff": ("runner.cli.diff", "show what changed between two specs, and what that means for the work"),
    "new": ("runner.cli.new", "draft a commented spec from a data file"),
    "schema": ("runner.cli.schema", "print the JSON Schema of specs, or write all schemas into a folder"),
    "forecast": ("runner.cli.forecast", "forecast the future beyond the data with the best model of a finished run"),
    "report": ("runner.cli.report", "write the report of a finished run again"),
    "dashboard": ("runner.cli.dashboard", "show all experiments in the browser"),
    "reproduce": ("runner.cli.reproduce", "repeat a recorded run in a scratch folder, and compare every score"),
    "sync": ("runner.cli.sync", "deliver pending results to MLflow"),
    "gates": ("runner.cli.gates", "check the gates of finished runs, without running anything"),
    "promote": ("runner.cli.promote", "make the best model of a finished run the champion if its gates pass"),
    "compare": ("runner.cli.compare", "show one table over experiments, specs or runs"),
    "dvc": ("runner.cli.dvc", "generate dvc.yaml from the specs"),
    "tidy": ("runner.cli.tidy", "delete superseded and killed runs, and caches; a dry run without --yes"),
}
"""Name -> module with `configure` and `run`, and its one-line help."""
EXIT_CODES: Final = """\
exit codes:
  0    done; a run that was finished before repeats its code
  1    the spec or the data is wrong
  2    the command line is wrong
  3    done, but a model is missing from the scoreboard
  4    no tuned model at all
  5    disk, store or tracking failed; finished work is kept
  6    a gate failed
  75   another run of this name is active
  130  interrupted (143: terminated); the same command resumes
"""
WORST_FIRST: Final = (143, 130, 75, 5, 1, 4, 3, 6, 2, 0)


class Command(Protocol):
    """The interface of a command's module."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the arguments of the command."""

    def run(self, options: argparse.Namespace) -> int:
        """Do the work and return the exit code. Raises RunSpecError."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return the exit code; `run-spec SPEC...` is `run-spec run SPEC...`."""
    try:
        code = _dispatch(list(sys.argv[1:] if argv is None else argv))
    except SystemExit as end:  # argparse has printed its answer
        raise SystemExit(_flush_stdout(int(end.code or 0))) from None
    except RunSpecError as error:
        code = report_error(error)
    return _flush_stdout(code)


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        echo(overview())
        return 0 if arguments else 2
    if arguments[0] == "--version":
        echo(f"run-spec {__version__}")
        return 0
    name = arguments.pop(0) if arguments[0] in COMMANDS else "run"
    command = _intended_command(arguments[0]) if name == "run" and arguments else None
    if command is not None:
        return report_error(UsageError(f"there is no command `{arguments[0]}`; did you mean `{command}`?"))
    return _run_command(name, arguments)


def main_lint(argv: Sequence[str] | None = None) -> int:
    """Run `lint-spec`, which is `run-spec lint`."""
    return main(["lint", *(sys.argv[1:] if argv is None else argv)])


def overview() -> str:
    """Return the help of the whole program."""
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {help_text}" for name, (_, help_text) in COMMANDS.items())
    return (
        "usage: run-spec [COMMAND] SPEC... [options]\n\n"
        "Run forecasting experiments from YAML specs. `run-spec SPEC...` is `run-spec run SPEC...`.\n\n"
        f"commands (each has --help):\n{commands}\n\n{EXIT_CODES}"
    )


def report_error(error: RunSpecError) -> int:
    """Print an error on standard error with secrets redacted, and return its exit code."""
    code = error.code if isinstance(error, Interrupted) else error.exit_code
    if isinstance(error, SpecError):
        named: SpecError = importlib.import_module("runner.run.absent_plugins").name_absent_plugins(error)
        text = importlib.import_module("runner.lint").render(named.diagnostics, "text", colour=use_color(sys.stderr))
    else:
        text = f"run-spec: {error}"
    echo_error(text)
    return code


def echo_error(text: str) -> None:
    """Print a text on standard error with secrets redacted; ignore an error of writing."""
    redact = importlib.import_module("runner.files.redact").redact
    if sys.stderr is not None:
        with suppress(OSError), _discard_on_error(sys.stderr):
            sys.stderr.write(f"{redact(text)}\n")


def combine_exit_codes(codes: Sequence[int]) -> int:
    """Return the worst of several exit codes."""
    return next((code for code in WORST_FIRST if code in codes), 0)


def use_color(stream: Any = None) -> bool:
    """Return whether to color: on a terminal, unless NO_COLOR is set."""
    stream = stream or sys.stdout
    return stream is not None and stream.isatty() and "NO_COLOR" not in os.environ


def echo(text: str) -> None:
    """Print a text on standard output; ignore a closed pipe. Raises StoreError for a full disk."""
    if sys.stdout is not None:
        with _stdout_errors():
            sys.stdout.write(f"{text}\n")


def echo_json(value: Any) -> None:
    """Print a value as JSON on standard output."""
    echo(json.dumps(value, indent=2, ensure_ascii=False))


def add_set_argument(parser: argparse.ArgumentParser, meaning: str) -> None:
    """Add `--set KEY=VALUE`, which may be repeated."""
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides", type=_override, help=meaning
    )


def _override(text: str) -> str:
    overrides = importlib.import_module("runner.language.overrides")
    reason = overrides.malformed(text)
    if reason:
        raise argparse.ArgumentTypeError(f"`{text}` {reason}; {overrides.SHAPE_HELP}")
    return text


@contextmanager
def _stdout_errors() -> Iterator[None]:
    """Ignore a closed pipe; turn any other error of standard output into a StoreError."""
    try:
        with _discard_on_error(sys.stdout):
            yield
    except BrokenPipeError:
        pass
    except OSError as error:
        cause = (error.strerror or type(error).__name__).lower()
        raise StoreError(f"standard output: cannot be written ({cause}); finished work is kept") from None


@contextmanager
def _discard_on_error(stream: TextIO) -> Iterator[None]:
    """Discard all output after an error, because Python would report it once more on exit."""
    try:
        yield
    except OSError:
        with suppress(OSError, ValueError):  # a stream without a file
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise


def _flush_stdout(code: int) -> int:
    """Flush standard output and return the exit code, or that of a failed flush if it is worse."""
    if sys.stdout is None:
        return code
    try:
        with _stdout_errors():
            sys.stdout.flush()
    except StoreError as error:
        return combine_exit_codes([code, report_error(error)])
    return code


class _Parser(argparse.ArgumentParser):
    """A parser that prints as the commands do: that of Python 3.11.2 ends in a traceback on a closed pipe."""

    def print_help(self, file: Any = None) -> None:
        echo(self.format_help().rstrip("\n"))

    def error(self, message: str) -> NoReturn:
        echo_error(f"{self.format_usage()}{self.prog}: error: {message}")
        raise SystemExit(2)


def _run_command(name: str, arguments: Sequence[str]) -> int:
    command: Command = importlib.import_module(COMMANDS[name][0])
    parser = _Parser(prog=f"run-spec {name}", description=COMMANDS[name][1], allow_abbrev=False)
    command.configure(parser)
    parser.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    _log_to_terminal(logging.DEBUG if options.debug else logging.CRITICAL)
    try:
        return command.run(options)
    except RunSpecError as error:
        if options.debug:
            raise
        return report_error(error)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if options.debug:
            raise
        return report_error(RunSpecError(f"internal error ({_first_line(error)}); hint: `--debug` shows where"))


def _log_to_terminal(level: int) -> None:
    """Show log records on the terminal with `--debug` only; `run.log` of a run has them in any case."""
    logging.captureWarnings(True)
    handler = logging.StreamHandler()
    handler.setLevel(level)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)


def _intended_command(word: str) -> str | None:
    """Return the command that is most like a word; None for a file, an experiment or another word."""
    if not word.isidentifier() or os.path.exists(word):
        return None
    command = closest(word, COMMANDS)
    experiments = importlib.import_module("runner.language.find").named_specs() if command else ()
    return None if word in (name for name, _ in experiments) else command


def _first_line(error: Exception) -> str:
    """Return the class and first line of an error."""
    return f"{type(error).__name__}: {error}".splitlines()[0]
