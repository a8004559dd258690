"""Chart -> inline SVG: no library, colours by CSS classes (so that it follows light and dark), hints on pointing.

Everything that comes from a run is escaped.
"""

from __future__ import annotations

from html import escape
from typing import Any

from runner.report.chart import Band, Bars, Chart, Grid, Intervals, Line, Points, Rule
from runner.report.scale import scales, tick_text

WIDTH = 720
LETTER = 6.3
"""Width of a letter of 12 px, about."""
TOP, RIGHT, BOTTOM = 14, 18, 46
DASHES = {"dash": "6 4", "dot": "2 4", "dashdot": "7 3 2 3"}


def svg(chart: Chart, width: int = WIDTH) -> str:
    """The picture as an `<svg>` element."""
    return _Drawing(chart, width).text()


class _Drawing:
    def __init__(self, chart: Chart, width: int) -> None:
        self.chart, self.width = chart, width
        self.legend = _legend(chart)
        self.top = TOP + 20 * _rows(self.legend, width)
        self.left = self._left()
        self.right = self._right()
        # A lying chart of categories without an axis title needs no room for one.
        self.bottom = (BOTTOM if chart.x.title else BOTTOM - 16) + 14 * any(" (" in c for c in chart.x.categories)
        self.x, self.y = scales(chart, (self.left, width - self.right), (chart.height - self.bottom, self.top))
        self.parts: list[str] = []

    def text(self) -> str:
        self._axes()
        self._legend()
        for mark in self.chart.marks:
            self._mark(mark)
        label = escape(f"{self.chart.title}. {self.chart.summary or self.chart.note}", quote=True)
        body = "".join(self.parts)
        return (
            f'<svg viewBox="0 0 {self.width} {self.chart.height}" role="img" aria-label="{label}" '
            f'xmlns="http://www.w3.org/2000/svg">{body}</svg>'
        )

    def _left(self) -> float:
        if self.chart.lying:
            longest = max((len(c) for c in self.chart.y.categories), default=0)
            return min(14 + LETTER * min(longest, 34), self.width * 0.36)
        ticks = scales(self.chart, (0, 600), (self.chart.height - BOTTOM, TOP))[1]
        longest = max((len(tick_text(t, self.chart.y, ticks)) for t in ticks.ticks), default=0)
        return 22 + LETTER * longest + (14 if self.chart.y.title else 0)

    def _right(self) -> float:
        texts = [t for m in self.chart.marks if isinstance(m, Bars) for t in m.texts] if self.chart.lying else []
        labels = [t for m in self.chart.marks if isinstance(m, Points) for t in m.labels]
        return RIGHT + LETTER * max((*map(len, texts), *(len(t) / 2 for t in labels)), default=0)

    def _axes(self) -> None:
        chart, left, right = self.chart, self.left, self.width - self.right
        base = chart.height - self.bottom
        if not any(isinstance(mark, Grid) for mark in chart.marks):
            for value in () if chart.lying else self.y.ticks:
                at = self.y(value)
                self._line(left, at, right, at, "grid")
            for value in self.x.ticks if chart.lying or chart.x.kind != "category" else ():
                at = self.x(value)
                self._line(at, self.top, at, base, "grid")
        room = int((right - left) / max(len(self.x.ticks), 1) / LETTER) if chart.x.kind == "category" else 40
        for value in self.x.ticks:
            self._lines(self.x(value), base + 17, tick_text(value, chart.x, self.x).split(" ("), room, "tick mid")
        for value in self.y.ticks:
            self._text(left - 8, self.y(value) + 4, _shorten(tick_text(value, chart.y, self.y), 34), "tick end")
        if chart.x.title:
            self._text((left + right) / 2, chart.height - 8, chart.x.title, "axis mid")
        if chart.y.title:
            middle = (self.top + base) / 2
            turn = f' transform="rotate(-90 14 {middle:.0f})"'
            self._text(14, middle, chart.y.title, "axis mid", turn)

    def _legend(self) -> None:
        x, y = float(self.left), 12.0
        for name, role, dash, symbol in self.legend:
            width = 30 + LETTER * len(name)
            if x + width > self.width and x > self.left:
                x, y = float(self.left), y + 20
            if symbol:
                self._symbol(x + 9, y, symbol, role, 4, "")
            else:
                self._line(x, y, x + 18, y, f"s-{role} w2", dash)
            self._text(x + 24, y + 4, name, "tick")
            x += width + 10

    def _mark(self, mark: Any) -> None:
        match mark:
            case Bars():
                self._bars(mark)
            case Line():
                self._polyline(mark)
            case Points():
                self._points(mark)
            case Band():
                self._band(mark)
            case Intervals():
                self._intervals(mark)
            case Rule():
                self._rule(mark)
            case Grid():
                self._grid(mark)

    def _bars(self, mark: Bars) -> None:
        lying = self.chart.lying
        thick = self._thickness(len(mark.at))
        for i, (at, size, role) in enumerate(zip(mark.at, mark.size, mark.roles, strict=True)):
            if size is None:
                continue
            text = mark.texts[i] if mark.texts else f"{size:.4g}"
            hint = f"<title>{escape(f'{at}: {text}' if lying else text)}</title>"
            along = self.x if lying else self.y
            start, end = along(0.0 if along.low <= 0 <= along.high else along.low), along(size)
            centre = (self.y if lying else self.x)(at)
            a, b = min(start, end), abs(end - start)
            box = (a, centre - thick / 2, b, thick) if lying else (centre - thick / 2, a, thick, b)
            shape = 'x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"'.format(*box)
            self.parts.append(f'<rect class="f-{role}" {shape}>{hint}</rect>')
            if mark.texts and lying:
                self._text(self.width - self.right + 8, centre + 4, text, "value")

    def _thickness(self, count: int) -> float:
        span = abs(self.y.end - self.y.start) if self.chart.lying else abs(self.x.end - self.x.start)
        share = 0.62 if self.chart.lying else 0.9
        return max(1.0, span / max(count, 1) * share)

    def _polyline(self, mark: Line) -> None:
        dash = DASHES.get(mark.dash, "")
        style = f' style="stroke-width:{mark.width:g};opacity:{mark.opacity:g}"'
        for piece in _pieces(mark.x, mark.y):
            points = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in piece)
            pattern = f' stroke-dasharray="{dash}"' if dash else ""
            title = f"<title>{escape(mark.name)}</title>"
            self.parts.append(f'<polyline class="s-{mark.role}" points="{points}"{pattern}{style}>{title}</polyline>')
            if mark.markers:
                for x, y in piece:
                    hint = f"{mark.name}: {tick_text(x, self.chart.x, self.x)}, {_value(y, self.chart.y.percent)}"
                    self._symbol(self.x(x), self.y(y), "circle", mark.role, 3, hint)

    def _points(self, mark: Points) -> None:
        for i, (x, y) in enumerate(zip(mark.x, mark.y, strict=True)):
            if x is None or y is None:
                continue
            hint = mark.texts[i] if mark.texts else mark.name
            self._symbol(self.x(x), self.y(y), mark.symbol, mark.role, mark.size, hint)
            if mark.labels:
                # Neighbours write above and below by turns, so that close points do not write over each other.
                above = self.chart.marks.index(mark) % 2 == 0
                self._text(self.x(x), self.y(y) + (-9 if above else 18), mark.labels[i], "tick mid")

    def _band(self, mark: Band) -> None:
        rows = zip(mark.x, mark.low, mark.high, strict=True)
        known = [(x, lo, hi) for x, lo, hi in rows if lo is not None and hi is not None]
        if len(known) < 2:
            return
        there = [f"{self.x(x):.1f},{self.y(hi):.1f}" for x, _, hi in known]
        back = [f"{self.x(x):.1f},{self.y(lo):.1f}" for x, lo, _ in reversed(known)]
        title = f"<title>{escape(mark.name)}</title>"
        self.parts.append(f'<polygon class="f-{mark.role} band" points="{" ".join(there + back)}">{title}</polygon>')

    def _intervals(self, mark: Intervals) -> None:
        for at, low, high in zip(mark.at, mark.low, mark.high, strict=True):
            y, a, b = self.y(at), self.x(low), self.x(high)
            for x1, y1, x2, y2 in ((a, y, b, y), (a, y - 5, a, y + 5), (b, y - 5, b, y + 5)):
                self._line(x1, y1, x2, y2, f"s-{mark.role} w1")

    def _rule(self, mark: Rule) -> None:
        base = self.chart.height - self.bottom
        if mark.axis == "x":
            at = self.x(mark.at)
            self._line(at, self.top, at, base, f"s-{mark.role} w1", "dash" if mark.role != "muted" else "dot")
            if mark.label:
                self._text(at + 5, self.top + 10, mark.label, "tick")
        else:
            at = self.y(mark.at)
            self._line(self.left, at, self.width - self.right, at, f"s-{mark.role} w1", "dash")

    def _grid(self, mark: Grid) -> None:
        wide = abs(self.x.end - self.x.start) / max(len(mark.columns), 1)
        tall = abs(self.y.end - self.y.start) / max(len(mark.rows), 1)
        for row, shades, texts in zip(mark.rows, mark.shades, mark.texts, strict=True):
            for column, shade, text in zip(mark.columns, shades, texts, strict=True):
                x, y = self.x(column) - wide / 2, self.y(row) - tall / 2
                opacity = 0.05 if shade is None else 0.06 + 0.5 * shade**4
                self.parts.append(
                    f'<rect class="f-{mark.role}" style="opacity:{opacity:.2f}" x="{x + 2:.1f}" y="{y + 2:.1f}" '
                    f'width="{wide - 4:.1f}" height="{tall - 4:.1f}" rx="4"></rect>'
                )
                self._lines(x + wide / 2, y + tall / 2 - 2, text.split(", "), int(wide / LETTER), "value mid")

    def _symbol(self, x: float, y: float, symbol: str, role: str, size: float, hint: str) -> None:
        title = f"<title>{escape(hint)}</title>" if hint else ""
        if symbol == "circle":
            self.parts.append(f'<circle class="f-{role}" cx="{x:.1f}" cy="{y:.1f}" r="{size:g}">{title}</circle>')
            return
        r = size * 1.15
        shapes = {
            "square": f"M{x - r:.1f} {y - r:.1f}h{2 * r:.1f}v{2 * r:.1f}h{-2 * r:.1f}z",
            "diamond": f"M{x:.1f} {y - r * 1.3:.1f}l{r * 1.3:.1f} {r * 1.3:.1f}l{-r * 1.3:.1f} {r * 1.3:.1f}"
            f"l{-r * 1.3:.1f} {-r * 1.3:.1f}z",
            "triangle": f"M{x:.1f} {y - r:.1f}l{r:.1f} {2 * r:.1f}h{-2 * r:.1f}z",
            "cross": f"M{x - r:.1f} {y - r:.1f}l{2 * r:.1f} {2 * r:.1f}m0 {-2 * r:.1f}l{-2 * r:.1f} {2 * r:.1f}",
        }
        kind = f"s-{role} w2" if symbol == "cross" else f"f-{role}"
        self.parts.append(f'<path class="{kind}" d="{shapes[symbol]}">{title}</path>')

    def _line(self, x1: float, y1: float, x2: float, y2: float, kind: str, dash: str = "") -> None:
        pattern = f' stroke-dasharray="{DASHES[dash]}"' if dash in DASHES else ""
        self.parts.append(
            f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"{pattern}></line>'
        )

    def _lines(self, x: float, y: float, lines: list[str], room: int, kind: str) -> None:
        """Words below each other; a second line of a date begins with the bracket that was cut off."""
        for place, line in enumerate(lines):
            text = f"({line}" if place and line.endswith(")") else line
            self._text(x, y + 14 * place, _shorten(text, max(room, 4)), kind)

    def _text(self, x: float, y: float, text: str, kind: str, extra: str = "") -> None:
        self.parts.append(f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{extra}>{escape(text)}</text>')


def _legend(chart: Chart) -> list[tuple[str, str, str, str]]:
    """(name, role, dash, symbol) of everything that needs a name: nothing when there is one thing alone."""
    found: dict[str, tuple[str, str, str, str]] = {}
    for mark in chart.marks:
        match mark:
            case Line():
                found.setdefault(mark.name, (mark.name, mark.role, mark.dash, ""))
            case Points() if not mark.labels:
                found.setdefault(mark.name, (mark.name, mark.role, "", mark.symbol))
            case Band():
                found.setdefault(mark.name, (mark.name, mark.role, "", "square"))
            case _:
                pass
    return list(found.values()) if len(found) > 1 else []


def _rows(legend: list[tuple[str, str, str, str]], width: int) -> int:
    """Rows that the legend takes, generously."""
    used = sum(40 + LETTER * len(name) for name, *_ in legend)
    return 0 if not legend else 1 + int(used // (width - 84))


def _pieces(xs: tuple[Any, ...], ys: tuple[Any, ...]) -> list[list[tuple[Any, Any]]]:
    """The runs between gaps."""
    pieces: list[list[tuple[Any, Any]]] = [[]]
    for x, y in zip(xs, ys, strict=True):
        if x is None or y is None:
            pieces.append([])
        else:
            pieces[-1].append((x, y))
    return [piece for piece in pieces if piece]


def _value(value: float, percent: bool) -> str:
    return f"{value:.2%}" if percent else f"{value:,.5g}"


def _shorten(text: str, most: int) -> str:
    return text if len(text) <= most else "…" + text[1 - max(most, 4) :]
