"""Arguments -> one call -> text and exit code.

Light at the door: `--help` reads the table below, and a command's module is imported when it is called.
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
    "run": ("runner.cli.run", "run specs; what is finished is not done again"),
    "plan": ("runner.cli.plan", "say with dates what a run would do, and do nothing"),
    "lint": ("runner.cli.lint", "check specs without running them"),
    "explain": ("runner.cli.explain", "show every resolved value with the file and line that set it"),
    "diff": ("runner.cli.diff", "say what changed between two specs, and what that does to the work"),
    "new": ("runner.cli.new", "draft a commented spec from a data file"),
    "schema": ("runner.cli.schema", "print the JSON Schema of specs, or write all schemas into a folder"),
    "forecast": ("runner.cli.forecast", "forecast the future beyond the data with the best model of a finished run"),
    "report": ("runner.cli.report", "make the report of a finished run again"),
    "dashboard": ("runner.cli.dashboard", "look at all experiments in the browser"),
    "reproduce": ("runner.cli.reproduce", "run a recorded run again in a scratch folder, and compare score by score"),
    "sync": ("runner.cli.sync", "deliver to MLflow what is still pending"),
    "gates": ("runner.cli.gates", "judge the gates of finished runs, without running anything"),
    "promote": ("runner.cli.promote", "make the best model of a finished run the champion, when its gates are passed"),
    "compare": ("runner.cli.compare", "one table over experiments, specs or runs"),
    "dvc": ("runner.cli.dvc", "generate dvc.yaml from the specs"),
    "tidy": ("runner.cli.tidy", "delete runs that were superseded or killed, and caches; a dry run unless --yes"),
}
"""Name -> module with `configure` and `run`, and its one-line help."""
EXIT_CODES: Final = """\
exit codes:
  0    done; a run that was finished before repeats its code
  1    the spec or the data is at fault
  2    the command line is at fault
  3    done, but a model is missing from the scoreboard
  4    no tuned model at all
  5    disk, store or tracking at fault; what was finished is kept
  6    a gate failed
  75   another run of this name is going on
  130  interrupted (143: terminated); the same command resumes
"""
WORST_FIRST: Final = (143, 130, 75, 5, 1, 4, 3, 6, 2, 0)


class Command(Protocol):
    """What a command's module offers."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add its arguments."""

    def run(self, options: argparse.Namespace) -> int:
        """Do it; the exit code. Raises RunSpecError."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; `run-spec SPEC...` is `run-spec run SPEC...`. Returns the exit code."""
    try:
        code = _dispatch(list(sys.argv[1:] if argv is None else argv))
    except SystemExit as end:  # the parser of arguments has answered
        raise SystemExit(_heard(int(end.code or 0))) from None
    except RunSpecError as error:
        code = report_error(error)
    return _heard(code)


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        echo(overview())
        return 0 if arguments else 2
    if arguments[0] == "--version":
        echo(f"run-spec {__version__}")
        return 0
    name = arguments.pop(0) if arguments[0] in COMMANDS else "run"
    meant = _meant(arguments[0]) if name == "run" and arguments else None
    if meant is not None:
        return report_error(UsageError(f"there is no command `{arguments[0]}`; did you mean `{meant}`?"))
    return _run_command(name, arguments)


def main_lint(argv: Sequence[str] | None = None) -> int:
    """`lint-spec`: the same as `run-spec lint`."""
    return main(["lint", *(sys.argv[1:] if argv is None else argv)])


def overview() -> str:
    """The help of the whole program."""
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {help_text}" for name, (_, help_text) in COMMANDS.items())
    return (
        "usage: run-spec [COMMAND] SPEC... [options]\n\n"
        "Run forecasting experiments from YAML specs. `run-spec SPEC...` is `run-spec run SPEC...`.\n\n"
        f"commands (each has --help):\n{commands}\n\n{EXIT_CODES}"
    )


def report_error(error: RunSpecError) -> int:
    """Say on standard error what is wrong, secrets redacted; the exit code."""
    redact = importlib.import_module("runner.files.redact").redact
    code = error.code if isinstance(error, Interrupted) else error.exit_code
    if isinstance(error, SpecError):
        text = importlib.import_module("runner.lint").render(error.diagnostics, "text", colour=colour(sys.stderr))
    else:
        text = f"run-spec: {error}"
    _tell(redact(text))
    return code


def _tell(text: str) -> None:
    """A text on standard error, unless nobody can be told."""
    if sys.stderr is not None:
        with suppress(OSError), _dropping(sys.stderr):
            sys.stderr.write(f"{text}\n")


def combine_exit_codes(codes: Sequence[int]) -> int:
    """The code that speaks for several specs."""
    return next((code for code in WORST_FIRST if code in codes), 0)


def colour(stream: Any = None) -> bool:
    """Whether to colour: on a terminal, unless NO_COLOR is set."""
    stream = stream or sys.stdout
    return stream is not None and stream.isatty() and "NO_COLOR" not in os.environ


def echo(text: str) -> None:
    """A text on standard output. A reader who has gone is not told; raises StoreError for a disk that is full."""
    if sys.stdout is not None:
        with _speaking():
            sys.stdout.write(f"{text}\n")


def echo_json(value: Any) -> None:
    """JSON on standard output."""
    echo(json.dumps(value, indent=2, ensure_ascii=False))


def add_set_argument(parser: argparse.ArgumentParser, meaning: str) -> None:
    """`--set KEY=VALUE`, as often as wanted."""
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
def _speaking() -> Iterator[None]:
    """A reader who has gone is nothing; any other trouble with standard output is a StoreError."""
    try:
        with _dropping(sys.stdout):
            yield
    except BrokenPipeError:
        pass
    except OSError as error:
        cause = (error.strerror or type(error).__name__).lower()
        raise StoreError(f"standard output: cannot be written: {cause}; what was finished is kept") from None


@contextmanager
def _dropping(stream: TextIO) -> Iterator[None]:
    """What cannot be written is dropped, and all that comes after it: else Python complains once more on exit."""
    try:
        yield
    except OSError:
        with suppress(OSError, ValueError):  # a stream without a file
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise


def _heard(code: int) -> int:
    """The exit code, once everything that was said is out."""
    if sys.stdout is None:
        return code
    try:
        with _speaking():
            sys.stdout.flush()
    except StoreError as error:
        return combine_exit_codes([code, report_error(error)])
    return code


class _Parser(argparse.ArgumentParser):
    """Answers as the commands do: the argparse of Python 3.11.2 itself fails where nobody reads."""

    def print_help(self, file: Any = None) -> None:
        echo(self.format_help().rstrip("\n"))

    def error(self, message: str) -> NoReturn:
        redact = importlib.import_module("runner.files.redact").redact
        _tell(redact(f"{self.format_usage()}{self.prog}: error: {message}"))
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
        return report_error(RunSpecError(f"a fault of the program, not yours: {_named(error)}; `--debug` shows where"))


def _log_to_terminal(level: int) -> None:
    """Errors are sentences, so only `--debug` shows what is logged; `run.log` of a run has it in any case."""
    logging.captureWarnings(True)
    handler = logging.StreamHandler()
    handler.setLevel(level)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    waiting = logging.getLogger("runner.waiting")
    if not waiting.handlers:
        waiting.addHandler(_Told())


class _Told(logging.Handler):
    """What is waited for, which a user should know although nothing is wrong yet."""

    def emit(self, record: logging.LogRecord) -> None:
        report_error(RunSpecError(record.getMessage()))


def _meant(word: str) -> str | None:
    """The command that a word which is neither a file nor an experiment was meant to be."""
    if not word.isidentifier() or os.path.exists(word):
        return None
    near = closest(word, COMMANDS)
    experiments = importlib.import_module("runner.language.find").named_specs() if near else ()
    return None if word in (name for name, _ in experiments) else near


def _named(error: Exception) -> str:
    """The kind and first line of an error."""
    return f"{type(error).__name__}: {error}".splitlines()[0]
