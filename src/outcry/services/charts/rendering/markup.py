"""A small writer of SVG. Every text and attribute is escaped here, and nowhere else is markup made.

Looks are attributes of elements: a page that opens the picture by itself runs no styles and no scripts of it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from xml.sax.saxutils import escape, quoteattr

from outcry.kit.text import clean_line

Value = str | float | int
Spot = tuple[float, float]

FONT = "Noto Sans"
_FAMILY = f"{FONT}, system-ui, sans-serif"
# How wide characters of Noto Sans are, in parts of the font's size: near enough to lay out short labels.
_NARROW, _WIDE = frozenset(" .,:;'|!ijl()[]·"), frozenset("mwMW@%")


def number(value: float) -> str:
    """Return a coordinate with two decimals at most."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return about how wide a text is in pixels; a little more, as other fonts than ours are wider."""
    parts = (0.28 if one in _NARROW else 0.9 if one in _WIDE else 0.64 if one.isupper() else 0.57 for one in text)
    return size * sum(parts) * (1.12 if bold else 1.05)


def through(spots: Sequence[Spot | None]) -> str:
    """Return a path through places; at None the pen is lifted."""
    parts: list[str] = []
    down = False
    for spot in spots:
        if spot is None:
            down = False
            continue
        parts.append(f"{'L' if down else 'M'}{number(spot[0])} {number(spot[1])}")
        down = True
    return "".join(parts)


class Canvas:
    """The elements of a picture, in the order in which they are painted."""

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._height = height
        self._parts: list[str] = []
        self._clips: list[str] = []

    def add(self, tag: str, /, **attributes: Value | None) -> None:
        """Add an element without content; in names ``_`` stands for ``-``, and None leaves an attribute out."""
        self._parts.append(f"<{tag}{_written(attributes)}/>")

    def text(self, at: Spot, text: str, *, size: float = 11, **attributes: Value | None) -> None:
        """Add one line of text whose baseline begins at a place, unless ``text_anchor`` says otherwise."""
        placed: dict[str, Value | None] = {"x": at[0], "y": at[1], "font_size": size, **attributes}
        self._parts.append(f"<text{_written(placed)}>{escape(clean_line(text))}</text>")

    @contextmanager
    def group(self, **attributes: Value | None) -> Iterator[None]:
        """Put what is added inside into one group."""
        self._parts.append(f"<g{_written(attributes)}>")
        yield
        self._parts.append("</g>")

    def clip(self, name: str, x: float, y: float, width: float, height: float) -> str:
        """Return what ``clip_path`` is to be for what must not paint outside of a rectangle."""
        shape = _written({"x": x, "y": y, "width": max(0, width), "height": max(0, height)})
        self._clips.append(f"<clipPath id={quoteattr(name)}><rect{shape}/></clipPath>")
        return f"url(#{name})"

    def to_svg(self, title: str, **attributes: Value | None) -> str:
        """Return the document; ``title`` is what it is called for whoever does not see it."""
        box = f"0 0 {self._width} {self._height}"
        size: dict[str, Value | None] = {"width": self._width, "height": self._height, "viewBox": box}
        head = f'<svg xmlns="http://www.w3.org/2000/svg"{_written({**size, "font_family": _FAMILY, **attributes})}>'
        defined = f"<title>{escape(clean_line(title))}</title><defs>{''.join(self._clips)}</defs>"
        return f"{head}{defined}{''.join(self._parts)}</svg>"


def _written(attributes: dict[str, Value | None]) -> str:
    return "".join(
        f" {name.replace('_', '-')}={quoteattr(value if isinstance(value, str) else number(value))}"
        for name, value in attributes.items()
        if value is not None
    )
