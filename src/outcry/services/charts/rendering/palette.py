"""The colours of pictures: those of the web application's two themes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from outcry.services.charts.drawings.contracts import Colour, Dash

Theme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """A theme: ``lines`` are the colours of studies in their turn, ``drawn`` those that drawings name."""

    ground: str
    line: str
    strong: str
    text: str
    soft: str
    faint: str
    up: str
    down: str
    accent: str
    lines: tuple[str, ...]
    drawn: Mapping[Colour, str]


_LIGHT_DRAWN: Mapping[Colour, str] = {
    "blue": "#3a4fd0",
    "teal": "#0b756d",
    "green": "#2e7d32",
    "amber": "#8f5a00",
    "orange": "#b5430f",
    "red": "#b3261e",
    "pink": "#ad1a6b",
    "purple": "#7030b8",
    "grey": "#616a78",
}
_DARK_DRAWN: Mapping[Colour, str] = {
    "blue": "#8f9dff",
    "teal": "#3fb9ab",
    "green": "#81c784",
    "amber": "#eab54d",
    "orange": "#f0834d",
    "red": "#ff8a80",
    "pink": "#f48fb8",
    "purple": "#c9a0f5",
    "grey": "#8c96a4",
}

PALETTES: Mapping[Theme, Palette] = {
    "light": Palette(
        ground="#ffffff",
        line="#e9ecf1",
        strong="#c3c9d3",
        text="#161a21",
        soft="#48505d",
        faint="#616a78",
        up="#0b756d",
        down="#b5430f",
        accent="#3a4fd0",
        lines=("#3a4fd0", "#8f5a00", "#7030b8", "#0b756d", "#ad1a6b", "#48505d"),
        drawn=_LIGHT_DRAWN,
    ),
    "dark": Palette(
        ground="#101317",
        line="#1f252d",
        strong="#3b4450",
        text="#e7eaee",
        soft="#b0b8c3",
        faint="#8c96a4",
        up="#3fb9ab",
        down="#f0834d",
        accent="#8f9dff",
        lines=("#8f9dff", "#eab54d", "#c9a0f5", "#3fb9ab", "#f48fb8", "#b0b8c3"),
        drawn=_DARK_DRAWN,
    ),
}

DASHES: Mapping[Dash, str | None] = {"solid": None, "dashed": "6 4", "dotted": "1.5 3"}
