"""Chart -> inline SVG: no library, colours by CSS classes (so that it follows light and dark), hints on pointing.

Everything that comes from a run is escaped.
"""

from __future__ import annotations

from html import escape
from typing import Any

from runner.report.chart import Band, Bars, Chart, Grid, Intervals, Line, Points, Rule
from runner.report.layout import labelled, layout
from runner.report.lettering import LINE, shorten, width_of
from runner.report.scale import said

WIDTH = 720
DASHES = {"dash": "6 4", "dot": "2 4", "dashdot": "7 3 2 3"}


def svg(chart: Chart, width: int = WIDTH) -> str:
    """The picture as an `<svg>` element."""
    return _Drawing(chart, width).text()


class _Drawing:
    def __init__(self, chart: Chart, width: int) -> None:
        self.chart, self.at = chart, layout(chart, width)
        self.x, self.y = self.at.x, self.at.y
        self.parts: list[str] = []

    def text(self) -> str:
        self._grid_lines()
        self._ticks()
        self._titles()
        self._legend()
        for mark in self.chart.marks:
            self._mark(mark)
        self._labels()
        label = escape(f"{self.chart.title}. {self.chart.summary or self.chart.note}", quote=True)
        body = "".join(self.parts)
        return (
            f'<svg viewBox="0 0 {self.at.width} {self.at.height}" role="img" aria-label="{label}" '
            f'xmlns="http://www.w3.org/2000/svg">{body}</svg>'
        )

    def _grid_lines(self) -> None:
        chart, at = self.chart, self.at
        if any(isinstance(mark, Grid) for mark in chart.marks):
            return
        for value in () if chart.lying else self.y.ticks:
            self._line(at.left, self.y(value), at.width - at.right, self.y(value), "grid")
        for value in self.x.ticks if chart.lying or chart.x.kind != "category" else ():
            self._line(self.x(value), at.top, self.x(value), at.base, "grid")

    def _ticks(self) -> None:
        at = self.at
        tallest = max(map(len, at.x_lines), default=1)
        end = 0.0  # of the last second line, which is wider than its tick
        for place, (value, lines) in enumerate(zip(self.x.ticks, at.x_lines, strict=True)):
            lower = at.base + 17 + LINE * tallest * (place % at.levels)
            if self.chart.x.kind == "time" and len(lines) > 1:
                start = self.x(value) - width_of(lines[1]) / 2
                lines, end = (lines, start + width_of(lines[1])) if start > end else (lines[:1], end)
            for number, line in enumerate(lines):
                half = width_of(line) / 2 + 1
                centre = min(max(self.x(value), half), at.width - half)
                self._text(centre, lower + LINE * number, line, "tick mid")
        for value, lines in zip(self.y.ticks, at.y_lines, strict=True):
            first = self.y(value) + 4 - LINE * (len(lines) - 1) / 2
            for number, line in enumerate(lines):
                hint = f"<title>{escape(str(value))}</title>" if "…" in line else ""
                self._text(at.left - 8, first + LINE * number, line, "tick end", inside=hint)

    def _titles(self) -> None:
        at = self.at
        centre = (at.left + at.width - at.right) / 2
        for number, line in enumerate(reversed(at.x_title)):
            self._text(centre, at.height - 8 - LINE * number, line, "axis mid")
        if at.y_title:
            half = width_of(at.y_title) / 2
            middle = min(max((at.top + at.base) / 2, half + 4), at.height - half - 4)
            self._text(14, middle, at.y_title, "axis mid", f' transform="rotate(-90 14 {middle:.0f})"')

    def _legend(self) -> None:
        for entry in self.at.legend:
            x, y = entry.x, entry.y
            if entry.symbol == "band":
                self.parts.append(
                    f'<rect class="f-{entry.role} band" x="{x:.1f}" y="{y - 5:.1f}" width="18" height="10"></rect>'
                )
            elif entry.symbol:
                self._symbol(x + 9, y, entry.symbol, entry.role, 4, "")
            else:
                self._line(x, y, x + 18, y, f"s-{entry.role} w2", entry.dash)
            self._text(x + 24, y + 4, entry.name, "tick")

    def _labels(self) -> None:
        for x, y, label in labelled(self.chart, self.at):
            x, y = self.x(x), self.y(y)
            if label.led:
                self._line(x, y, label.x, label.y + (3 if label.y < y else -LINE + 3), "s-muted w1")
            self._text(label.x, label.y, label.text, "mid")

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
                self._text(self.at.width - self.at.right + 8, centre + 4, text, "value")

    def _thickness(self, count: int) -> float:
        span = abs(self.y.end - self.y.start) if self.chart.lying else abs(self.x.end - self.x.start)
        share = 0.62 if self.chart.lying else 0.9
        return max(1.0, span / max(count, 1) * share)

    def _polyline(self, mark: Line) -> None:
        dash = DASHES.get(mark.dash, "")
        style = f' style="stroke-width:{mark.width:g};opacity:{mark.opacity:g}"'
        for piece in _pieces(mark.x, mark.y):
            points = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in piece)
            if len(piece) == 1 and not mark.markers:  # a line of one point is nothing to see
                (x, y) = piece[0]
                self._symbol(self.x(x), self.y(y), "circle", mark.role, mark.width, mark.name, mark.opacity)
                continue
            pattern = f' stroke-dasharray="{dash}"' if dash else ""
            title = f"<title>{escape(mark.name)}</title>"
            self.parts.append(f'<polyline class="s-{mark.role}" points="{points}"{pattern}{style}>{title}</polyline>')
            if mark.markers:
                for x, y in piece:
                    hint = f"{mark.name}: {said(x, self.chart.x)}, {said(y, self.chart.y)}"
                    self._symbol(self.x(x), self.y(y), "circle", mark.role, 3, hint)

    def _points(self, mark: Points) -> None:
        for i, (x, y) in enumerate(zip(mark.x, mark.y, strict=True)):
            if x is None or y is None:
                continue
            hint = mark.texts[i] if mark.texts else mark.name
            self._symbol(self.x(x), self.y(y), mark.symbol, mark.role, mark.size, hint)

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
        at = self.at
        if mark.axis == "y":
            y = self.y(mark.at)
            self._line(at.left, y, at.width - at.right, y, f"s-{mark.role} w1", "dash")
            return
        x = self.x(mark.at)
        self._line(x, at.top, x, at.base, f"s-{mark.role} w1", "dash" if mark.role != "muted" else "dot")
        if mark.label:
            others = [self.x(m.at) for m in self.chart.marks if isinstance(m, Rule) and m.axis == "x" and m is not mark]
            end = x + 7 + width_of(mark.label)
            crossed = end > at.width or any(x < other < end for other in others)
            self._text(x - 5 if crossed else x + 5, at.top + 10, mark.label, "tick end" if crossed else "tick")

    def _grid(self, mark: Grid) -> None:
        wide = abs(self.x.end - self.x.start) / max(len(mark.columns), 1)
        tall = abs(self.y.end - self.y.start) / max(len(mark.rows), 1)
        for row, shades, texts in zip(mark.rows, mark.shades, mark.texts, strict=True):
            for column, shade, text in zip(mark.columns, shades, texts, strict=True):
                x, y = self.x(column) - wide / 2, self.y(row) - tall / 2
                opacity = 0.05 if shade is None else 0.06 + 0.5 * shade
                self.parts.append(
                    f'<rect class="f-{mark.role}" style="opacity:{opacity:.2f}" x="{x + 2:.1f}" y="{y + 2:.1f}" '
                    f'width="{wide - 4:.1f}" height="{tall - 4:.1f}" rx="4"></rect>'
                )
                self._words(x + wide / 2, y + tall / 2, text, wide - 8, tall)

    def _symbol(self, x: float, y: float, symbol: str, role: str, size: float, hint: str, opacity: float = 1.0) -> None:
        title = f"<title>{escape(hint)}</title>" if hint else ""
        if symbol == "circle":
            faint = f' style="opacity:{opacity:g}"' if opacity < 1 else ""
            place = f'cx="{x:.1f}" cy="{y:.1f}" r="{size:g}"{faint}'
            self.parts.append(f'<circle class="f-{role}" {place}>{title}</circle>')
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

    def _words(self, x: float, y: float, text: str, room: float, tall: float) -> None:
        """A text in the middle of a cell: in one line, or broken at its commas."""
        fits = width_of(text, bold=True) <= room or tall < 2 * LINE
        lines = [text] if fits else text.split(", ")
        for place, line in enumerate(lines):
            self._text(x, y + 4 + LINE * (place - (len(lines) - 1) / 2), shorten(line, room / 1.12), "value mid")

    def _text(self, x: float, y: float, text: str, kind: str, extra: str = "", inside: str = "") -> None:
        self.parts.append(f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{extra}>{escape(text)}{inside}</text>')


def _pieces(xs: tuple[Any, ...], ys: tuple[Any, ...]) -> list[list[tuple[Any, Any]]]:
    """The runs between gaps."""
    pieces: list[list[tuple[Any, Any]]] = [[]]
    for x, y in zip(xs, ys, strict=True):
        if x is None or y is None:
            pieces.append([])
        else:
            pieces[-1].append((x, y))
    return [piece for piece in pieces if piece]
