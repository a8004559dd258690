"""How long the linter takes, and whether anything makes it fall over: `python benchmarks/lint.py [--fuzz 10000]`.

Prints processor and wall seconds of one spec in a new process, of 1,000 specs in one call, and of fuzzed specs, which
are shipped ones with keys, values and characters changed, dropped, doubled and swapped at random.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.lint import lint, lint_paths, render

ROOT = Path(__file__).resolve().parents[1]
SPECS = sorted((ROOT / "specs").glob("*.yaml")) + sorted((ROOT / "tests" / "lint" / "valid").glob("*.yaml"))
SCRAPS = (
    *("{", "}", "[", "]", ":", ": ", "- ", ",", "#", " # lint: ignore[FS302] x", "&a ", "*a", "!!t ", "|\n", ">\n"),
    *("'", '"', "\t", "\n", "\r", "\0", "\u202e", "\ufeff", "\U0001f600", "é", "%", "@", "`", "?", "<<: ", "---\n"),
    *(
        "null",
        "true",
        "yes",
        "012",
        "1:30",
        "1e400",
        "-1",
        "0",
        "9" * 30,
        ".inf",
        "20%",
        "10m",
        "{env: HOME}",
        "{}",
        "[]",
    ),
)


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def timed(what: str, count: int = 1) -> Iterator[None]:
    """Print the seconds of what is done inside, of this process and its children."""
    wall, before = time.perf_counter(), _processor()
    yield
    wall, used = time.perf_counter() - wall, _processor() - before
    say(f"{what:<32} {used:8.2f} s processor {wall:8.2f} s wall {1000 * used / count:8.2f} ms each")


def _processor() -> float:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usage)


def main() -> None:
    """Measure all three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fuzz", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pyproject.toml").touch()
        shutil.copytree(ROOT / "specs" / "_shared", folder / "specs" / "_shared")
        _one()
        _thousand(folder / "specs")
        _fuzz(folder, options.fuzz, random.Random(options.seed))
    say(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _one() -> None:
    command = [sys.executable, "-m", "runner", "lint", "specs/walmart.yaml"]
    for _ in range(3):
        with timed("one spec, a new process"):
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def _thousand(folder: Path) -> None:
    shipped = sorted((ROOT / "specs").glob("*.yaml"))
    for number in range(1000):
        text = shipped[number % len(shipped)].read_text(encoding="utf-8")
        text = re.sub(r"^name: \S+", f"name: spec_{number:04}", text, flags=re.MULTILINE)  # two of a name are a finding
        (folder / f"spec-{number:04}.yaml").write_text(text, encoding="utf-8")
    with timed("1,000 specs in one call", 1000):
        assert lint_paths([folder]) == ()


def _fuzz(folder: Path, count: int, chance: random.Random) -> None:
    texts = [path.read_text(encoding="utf-8") for path in SPECS]
    path, codes, slowest = folder / "specs" / "fuzzed.yaml", Counter[str](), 0.0
    with timed(f"{count:,} fuzzed specs", count):
        for _ in range(count):
            path.write_bytes(broken(chance.choice(texts), chance).encode("utf-8", "surrogatepass"))
            start = time.process_time()
            found = lint(path, environ={})
            for format in ("text", "sarif"):
                render(found, format)
            slowest = max(slowest, time.process_time() - start)
            codes.update({one.code for one in found} or {"none"})
    say(f"slowest {slowest:.3f} s; no traceback; " + ", ".join(f"{c} {n}" for c, n in sorted(codes.items())))


def broken(text: str, chance: random.Random) -> str:
    """The text with one to eight things changed."""
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(text) + 1)
        end = min(len(text), at + chance.choice((0, 0, 1, 2, 5, 20)))
        kind = chance.randrange(4)
        if kind == 0:
            text = text[:at] + chance.choice(SCRAPS) + text[end:]
        elif kind == 1:
            text = text[:at] + text[end:]
        elif kind == 2:
            text = _another_value(text, chance)
        else:
            lines = text.split("\n")
            one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
            lines[one], lines[other] = lines[other], lines[one]
            text = "\n".join(lines)
    return text


def _another_value(text: str, chance: random.Random) -> str:
    """One word of the spec in place of another."""
    words = text.split()
    return text.replace(chance.choice(words), chance.choice(words), 1) if words else text


if __name__ == "__main__":
    main()
