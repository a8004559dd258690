"""Text -> nodes with places, or diagnostics: YAML without its traps.

Events of the parser are turned into nodes directly. No composer, constructor or resolver of the YAML library is ever
reached: 100 kB of `[` crash its C composer, 300 bytes of aliases fill the memory of a program that walks the
result, and its scalars are those of YAML 1.1.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

import yaml

from runner.errors import Span
from runner.language.nodes import Findings, Node, Path, Place
from runner.language.scalars import ScalarError, resolve, shorten

MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 32
MAX_NODES: Final = 20_000
MAX_REPORTED: Final = 20

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_START: Final = Span(1, 1, 1, 1)
_NEWLINE: Final = re.compile(r"\r\n|\r|\n")
# Controls, bidirectional overrides, invisible characters, and line breaks that editors and parsers count differently.
_REFUSED: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_SYNTAX_HELP: Final = (
    ("mapping values are not allowed", "quote a value that contains `: `, or check the indentation"),
    ("cannot start any token", "indent with spaces, and quote a value that begins with @, `, % or a tab"),
    ("expected ',' or", "a bracket is not closed, or a comma is missing"),
    ("unexpected end of stream", "a quote or a bracket is not closed"),
    ("did not find expected key", "check the indentation, and that every quote is closed"),
    ("expected <block end>", "check the indentation"),
    ("could not find expected ':'", "a key needs a colon and a blank before its value"),
    ("unknown escape character", "use single quotes, or double the backslash"),
)


class _Stop(Exception):
    """Reading cannot go on; the reason is noted."""


@dataclass(frozen=True)
class Reading:
    """What a text says. `whole` is False when reading stopped early, so that absent keys prove nothing."""

    node: Node
    whole: bool


def read(text: str, file: str, findings: Findings) -> Reading:
    """Return the tree of one YAML document; problems go to `findings`, never raised."""
    builder = _Builder(file, findings)
    try:
        _refuse_characters(text, file, findings)
        node = builder.document(text)
    except _Stop:
        return Reading(Node({}, Place(file, _START)), whole=False)
    return Reading(node, whole=True)


def decode(content: bytes, file: str, findings: Findings) -> str | None:
    """Return the text of UTF-8 bytes, without a byte order mark; None, with a finding, for other bytes."""
    if len(content) > MAX_BYTES:
        message = f"a spec of more than {MAX_BYTES // 1024} kB is refused"
        findings.add("FS006", message, file, _START, help="a spec is a page or two; keep data in data files")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        lines = _NEWLINE.split(content[: error.start].decode("utf-8", "replace"))
        span = Span(len(lines), len(lines[-1]) + 1, len(lines), len(lines[-1]) + 2)
        byte = content[error.start]
        findings.add("FS006", f"byte 0x{byte:02x} is not UTF-8 text", file, span, help="save the file as UTF-8")
        return None


def _refuse_characters(text: str, file: str, findings: Findings) -> None:
    matches = [match for match, _ in zip(_REFUSED.finditer(text), range(MAX_REPORTED), strict=False)]
    for match in matches:
        lines = _NEWLINE.split(text[: match.start()])
        span = Span(len(lines), len(lines[-1]) + 1, len(lines), len(lines[-1]) + 2)
        point = ord(match[0])
        name = unicodedata.name(match[0], "control character").lower()
        message = f"U+{point:04X} ({name}) is refused: it hides or reorders what a reader sees"
        findings.add("FS006", message, file, span, help="delete it")
    if matches:
        raise _Stop


class _Builder:
    """Builds nodes from events, counting as it goes."""

    def __init__(self, file: str, findings: Findings) -> None:
        self.file, self.findings = file, findings
        self.nodes = 0
        self.end = _START

    def document(self, text: str) -> Node:
        loader = _Loader(text)
        try:
            return self._document(loader)
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
            raise _Stop from None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            self._note("FS001", f"not YAML: {shorten(str(error))}", _START)
            raise _Stop from None
        finally:
            loader.dispose()

    def _document(self, loader: Any) -> Node:
        loader.get_event()  # start of the stream
        if isinstance(loader.get_event(), yaml.StreamEndEvent):
            return Node({}, Place(self.file, _START))
        node = self._node(loader, loader.get_event(), (), None, 0)
        loader.get_event()  # end of the document
        following = loader.get_event()
        if not isinstance(following, yaml.StreamEndEvent):
            self._note("FS001", "a second document begins here", _span(following), (), "one spec a file: split it")
        return node

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        problem = error.problem or "not YAML"
        mark = error.problem_mark or error.context_mark
        span = Span(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2) if mark else _START
        help = next((advice for part, advice in _SYNTAX_HELP if part in str(error)), "")
        context = f" {error.context}" if error.context else ""
        self._note("FS001", f"{problem}{context}", span, (), help)

    def _node(self, loader: Any, event: Any, path: Path, key: Span | None, depth: int) -> Node:
        self._count(event, depth)
        self._refuse_decoration(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._map(loader, event, path, key, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(loader, event, path, key, depth)
        span = self.end = _span(event)
        if isinstance(event, yaml.AliasEvent):
            return Node(None, Place(self.file, span, key))
        quoted = not event.implicit[0]
        return Node(self._scalar(event, path), Place(self.file, span, key), quoted)

    def _scalar(self, event: Any, path: Path) -> Any:
        if not event.implicit[0]:
            return event.value
        try:
            return resolve(event.value)
        except ScalarError as error:
            self._note(error.code, str(error), _span(event), path, error.help)
            return event.value

    def _map(self, loader: Any, start: Any, path: Path, key: Span | None, depth: int) -> Node:
        entries: dict[str, Node] = {}
        while not isinstance(event := loader.get_event(), yaml.MappingEndEvent):
            name, span = self._key(loader, event, path, depth)
            child_path = path if name is None else (*path, name)
            child = self._node(loader, loader.get_event(), child_path, span, depth + 1)
            if name in entries:
                first = entries[name].place.line
                help = f"it was set on line {first}; keep one"
                self._note("FS002", f"key `{shorten(name)}` is set twice", span, child_path, help)
            elif name is not None:
                entries[name] = child
        return Node(entries, self._collection(start, event, key))

    def _key(self, loader: Any, event: Any, path: Path, depth: int) -> tuple[str | None, Span]:
        if not isinstance(event, yaml.ScalarEvent):
            node = self._node(loader, event, path, None, depth + 1)
            self._note("FS011", "a key is text, never a list, a map or an alias", node.place.value, path)
            return None, node.place.value
        self._count(event, depth)
        self._refuse_decoration(event, path)
        span = self.end = _span(event)
        value = self._scalar(event, path)
        if value == "<<" and event.implicit[0]:
            self._note("FS005", "merge keys are not in the language", span, path, "use `extends` to share settings")
            return None, span
        if not isinstance(value, str):
            self._note("FS011", f"key `{shorten(event.value)}` is not text", span, path, "put it in quotes")
            return None, span
        return value, span

    def _list(self, loader: Any, start: Any, path: Path, key: Span | None, depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := loader.get_event(), yaml.SequenceEndEvent):
            items.append(self._node(loader, event, (*path, len(items)), None, depth + 1))
        return Node(items, self._collection(start, event, key))

    def _collection(self, start: Any, end: Any, key: Span | None) -> Place:
        begin = _span(start)
        if start.flow_style:
            self.end = _span(end)
        # A block ends for the parser where the next token begins; for a reader, with its last value.
        last = max((self.end.end_line, self.end.end_col), (begin.line, begin.col))
        return Place(self.file, Span(begin.line, begin.col, *last), key)

    def _count(self, event: Any, depth: int) -> None:
        self.nodes += 1
        if depth > MAX_DEPTH:
            self._note("FS006", f"nested more than {MAX_DEPTH} levels deep", _span(event))
            raise _Stop
        if self.nodes > MAX_NODES:
            self._note("FS006", f"more than {MAX_NODES:,} values", _span(event))
            raise _Stop
        if self.findings.full:
            raise _Stop

    def _refuse_decoration(self, event: Any, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._note("FS005", f"alias `*{shorten(event.anchor or '')}` is not in the language", _span(event), path,
                       "use `extends` to share settings, or write the value out")  # fmt: skip
        elif event.anchor:
            self._note("FS005", f"anchor `&{shorten(event.anchor)}` is not in the language", _span(event), path,
                       "use `extends` to share settings")  # fmt: skip
        if getattr(event, "tag", None):
            self._note("FS005", f"tag `{shorten(event.tag)}` is not in the language", _span(event), path,
                       "delete it; put quotes around what must stay text")  # fmt: skip

    def _note(self, code: str, message: str, span: Span, path: Path = (), help: str = "") -> None:
        self.findings.add(code, message, self.file, span, path=path, help=help)


def _span(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
