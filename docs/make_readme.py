"""Fill in what the README shows of the program: `python docs/make_readme.py`. A test compares it with the program."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from runner.cli import COMMANDS, EXIT_CODES
from runner.files.tables import markdown_table
from runner.language.schema import field_table

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
_BLOCK = re.compile(r"<!-- (?P<name>[a-z ]+) -->\n.*?<!-- end -->", re.DOTALL)


def transcript() -> str:
    """What `run-spec specs/quickstart.yaml` prints in a fresh project."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder).resolve()
        (project / "pyproject.toml").write_text("")
        (project / "specs").mkdir()
        spec = project / "specs" / "quickstart.yaml"
        spec.write_text((ROOT / "specs" / "quickstart.yaml").read_text())
        command = [sys.executable, "-m", "runner", "specs/quickstart.yaml"]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
        said = (done.stderr + done.stdout).replace(f"{project}/", "")
    lines = [line.rstrip() for line in said.rstrip().splitlines()]
    return "```console\n$ run-spec specs/quickstart.yaml\n" + "\n".join(lines) + "\n```"


def commands() -> str:
    """The table of commands."""
    rows = [(f"`run-spec {name}`", text) for name, (_, text) in COMMANDS.items()]
    return markdown_table(("command", "what it does"), rows)


def exit_codes() -> str:
    """The table of exit codes."""
    rows = [(code, text.strip()) for code, _, text in (line.strip().partition(" ") for line in _code_lines())]
    return markdown_table(("code", "meaning"), rows)


def settled(text: str) -> str:
    """A transcript without what differs between two runs: seconds, ids, the order of finishing, earlier deliveries."""
    text = re.sub(r"\d+\.\d s\b", "T s", text)
    text = re.sub(r"about \d+ (s|min) left", "about T left", text)
    text = re.sub(r"roughly [\d.]+ (s|min|h)", "roughly T", text)
    text = re.sub(r"delivering \d+ events", "delivering N events", text)
    text = re.sub(r"\b[0-9a-f]{12}\b", "RUN", text)
    kept = [line for line in text.splitlines() if not re.match(r"\w+ (trial \d+: |on the test windows)", line)]
    return "\n".join(re.sub(r" +", " ", line) for line in kept)


BLOCKS: Mapping[str, Callable[[], str]] = {
    "transcript": transcript,
    "commands": commands,
    "exit codes": exit_codes,
    "fields": field_table,
}


def shown(text: str) -> dict[str, str]:
    """Name of a block -> what the README shows there."""
    return {
        match["name"]: match[0].split("\n", 1)[1].rpartition("\n<!-- end -->")[0] for match in _BLOCK.finditer(text)
    }


def _code_lines() -> list[str]:
    return EXIT_CODES.strip().splitlines()[1:]


if __name__ == "__main__":
    filled = _BLOCK.sub(
        lambda match: f"<!-- {match['name']} -->\n{BLOCKS[match['name']]().strip()}\n<!-- end -->", README.read_text()
    )
    README.write_text(filled)
