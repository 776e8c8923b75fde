"""Draws latency against the length of the history, both axes logarithmic, as SVG."""

from math import ceil, floor, log10

WIDTH, HEIGHT = 760, 460
LEFT, RIGHT, TOP, BOTTOM = 90, 190, 70, 60
FONT = 'font-family="system-ui, sans-serif"'
INK, GRID = "#333333", "#dddddd"
UNITS = ((1e-6, "µs"), (1e-3, "ms"), (1, "s"))


def svg(title, subtitle, series):
    """`series`: (name, colour, [(events, seconds), …]) each."""
    points = [point for _, _, line in series for point in line]
    x_range = bounds([x for x, _ in points])
    y_range = bounds([y for _, y in points])

    def x_at(events):
        return LEFT + (log10(events) - x_range[0]) / (x_range[1] - x_range[0]) * (WIDTH - LEFT - RIGHT)

    def y_at(seconds):
        return HEIGHT - BOTTOM - (log10(seconds) - y_range[0]) / (y_range[1] - y_range[0]) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {FONT} fill="{INK}" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        text(LEFT, 28, title, "start", 'font-size="17"'),
        text(LEFT, 50, subtitle, "start"),
    ]
    for power in range(x_range[0], x_range[1] + 1):
        x = x_at(10**power)
        parts += [stroke(x, TOP, x, HEIGHT - BOTTOM), text(x, HEIGHT - BOTTOM + 20, f"{10**power:,}", "middle")]
    for power in range(y_range[0], y_range[1] + 1):
        y = y_at(10.0**power)
        parts += [stroke(LEFT, y, WIDTH - RIGHT, y), text(LEFT - 8, y + 4, time_label(power), "end")]
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, "events of the ledger", "middle"))
    for name, colour, line in series:
        places = [(x_at(x), y_at(y)) for x, y in line]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
    parts += labels([(name, colour, x_at(line[-1][0]), y_at(line[-1][1])) for name, colour, line in series])
    return "\n".join([*parts, "</svg>", ""])


def bounds(values):
    """The whole powers of ten around the values."""
    low, high = floor(log10(min(values)) + 1e-9), ceil(log10(max(values)) - 1e-9)
    return low, max(high, low + 1)


def labels(ends):
    """The name of each line at its end, none over another."""
    parts, above = [], -100
    for name, colour, x, y in sorted(ends, key=lambda end: end[3]):
        above = max(y + 4, above + 16)
        parts.append(text(x + 10, above, name, "start", f'style="fill: {colour}"'))
    return parts


def time_label(power):
    size, unit = max((unit for unit in UNITS if unit[0] <= 1.001 * 10.0**power), default=UNITS[0])
    return f"{10.0**power / size:g} {unit}"


def stroke(x1, y1, x2, y2):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{GRID}"/>'


def text(x, y, words, anchor, more=""):
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{words}</text>'
