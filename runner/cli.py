"""Arguments -> one call -> text and exit code. Light: a command imports what it needs when it is called."""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from runner import __version__
from runner.errors import Interrupted, RunSpecError, SpecError

EXIT_CODES: Final = """\
exit codes:
  0    done; a run that was finished before repeats its code
  1    the spec or the data is at fault
  2    the command line is at fault
  3    done, but a model is missing from the scoreboard
  4    no tuned model at all
  5    disk, store or tracking at fault; what was finished is kept
  75   another run of this name is going on
  130  interrupted (143: terminated); the same command resumes
"""
WORST_FIRST: Final = (143, 130, 75, 5, 1, 4, 3, 6, 2, 0)
COMMANDS: Final = ("run", "plan", "lint", "schema")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; `run-spec SPEC...` is `run-spec run SPEC...`. Returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and not arguments[0].startswith("-") and arguments[0] not in COMMANDS:
        arguments.insert(0, "run")
    options = parser().parse_args(arguments)
    _configure_logging(options)
    try:
        command: Callable[[argparse.Namespace], int] = getattr(importlib.import_module(__name__), f"_{options.command}")
        return command(options)
    except RunSpecError as error:
        return _complain(error, options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def main_lint(argv: Sequence[str] | None = None) -> int:
    """`lint-spec`: the same as `run-spec lint`."""
    return main(["lint", *(sys.argv[1:] if argv is None else argv)])


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="run-spec",
        description="Run forecasting experiments from YAML specs. `run-spec SPEC...` is `run-spec run SPEC...`.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"run-spec {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run specs; what is finished is not done again")
    run.add_argument("--force", action="store_true", help="run again what is finished; the old run is kept aside")
    run.add_argument("--quiet", action="store_true", help="no progress")
    plan = commands.add_parser("plan", help="say what a run would do, and do nothing")
    for command in (run, plan):
        command.add_argument("specs", nargs="+", type=Path, metavar="SPEC")
        command.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides")
        command.add_argument("--json", action="store_true", help="the result as JSON on standard output")
    lint = commands.add_parser("lint", help="check specs without running them")
    lint.add_argument("specs", nargs="+", type=Path, metavar="SPEC", help="files, or folders of .yaml files")
    lint.add_argument("--format", choices=("text", "concise", "json", "github"), default="text")
    schema = commands.add_parser("schema", help="write the JSON Schemas")
    schema.add_argument("folder", nargs="?", type=Path, help="where to; standard output shows the spec's when absent")
    for command in (run, plan, lint, schema):
        command.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    return top


def _run(options: argparse.Namespace) -> int:
    launch, console = importlib.import_module("runner.launch"), importlib.import_module("runner.console")
    codes, documents = [], []
    for path in options.specs:
        try:
            with console.Screen(quiet=options.quiet or options.json) as screen:
                outcome = launch.launch(path, tuple(options.overrides), force=options.force, tell=screen)
        except RunSpecError as error:
            codes.append(_complain(error, options))
            if isinstance(error, Interrupted):
                break
            continue
        codes.append(outcome.exit_code)
        if options.json:
            documents.append(outcome.document.model_dump(mode="json"))
        else:
            console.Console(highlight=False).print(console.closing(outcome), soft_wrap=True)
    if options.json:
        _print_json(documents[0] if len(options.specs) == 1 and documents else documents)
    return _worst(codes)


def _plan(options: argparse.Namespace) -> int:
    pipeline = importlib.import_module("runner.pipeline")
    codes, documents = [], []
    for path in options.specs:
        try:
            lines, document = pipeline.preview(path, tuple(options.overrides))
        except RunSpecError as error:
            codes.append(_complain(error, options))
            continue
        documents.append(document)
        if not options.json:
            _print("\n".join([f"{path}", *lines]))
    if options.json:
        _print_json(documents[0] if len(options.specs) == 1 and documents else documents)
    return _worst(codes)


def _lint(options: argparse.Namespace) -> int:
    lint = importlib.import_module("runner.lint")
    found = lint.lint_paths(options.specs)
    text = lint.render(found, options.format, colour=_colour())
    if text:
        _print(text)
    return 1 if any(d.severity == "error" for d in found) else 0


def _schema(options: argparse.Namespace) -> int:
    schemas = importlib.import_module("runner.report.schemas")
    if options.folder is None:
        _print_json(schemas.all_schemas()["experiment.v1.schema.json"])
        return 0
    for path in schemas.write_schemas(options.folder):
        _print(str(path))
    return 0


def _complain(error: RunSpecError, options: argparse.Namespace) -> int:
    """Say what is wrong on standard error, secrets redacted; its exit code."""
    redact = importlib.import_module("runner.store.redact").redact
    if isinstance(error, SpecError):
        lint = importlib.import_module("runner.lint")
        text = lint.render(error.diagnostics, "text", colour=_colour(sys.stderr))
    else:
        text = f"run-spec: {error}"
    print(redact(text), file=sys.stderr)  # noqa: T201
    if getattr(options, "debug", False):
        raise error
    return error.code if isinstance(error, Interrupted) else error.exit_code


def _worst(codes: Sequence[int]) -> int:
    return next((code for code in WORST_FIRST if code in codes), 0)


def _configure_logging(options: argparse.Namespace) -> None:
    level = logging.DEBUG if getattr(options, "debug", False) else logging.ERROR
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")


def _colour(stream: Any = None) -> bool:
    return (stream or sys.stdout).isatty() and "NO_COLOR" not in os.environ


def _print(text: str) -> None:
    print(text)  # noqa: T201


def _print_json(value: Any) -> None:
    _print(json.dumps(value, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
