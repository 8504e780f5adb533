"""What may be asked of a picture, and how it is read: ``sma(20),macd(12,26,9)``."""

import re
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field

from outcry.kit.errors import InvalidInputError, NotFoundError
from outcry.kit.http import Moment
from outcry.kit.market import Timeframe
from outcry.quant.indicators.computing import complete, get_indicator
from outcry.services.charts.contracts import Adjustment
from outcry.services.charts.layouts.contracts import MOST_COMPARED, ChartLayout, Scale, Study, Visibility
from outcry.services.charts.naming import require_symbol
from outcry.services.charts.rendering.palette import Theme
from outcry.services.charts.rendering.picture import LEAST_SIDE, LEAST_WIDTH, MOST_BARS, MOST_SIDE, MOST_STUDIES

_STUDY = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]{0,63})\s*(?:\(([^()]{0,200})\))?\s*(,|$)")


class PictureWish(BaseModel):
    """How a picture of a chart is to be."""

    model_config = ConfigDict(frozen=True)

    timeframe: Annotated[Timeframe | None, Field(description="Else that of the layout, else days.")] = None
    start: Annotated[Moment | None, Field(description="Bars from this time on.")] = None
    end: Annotated[Moment | None, Field(description="Bars before this time.")] = None
    limit: Annotated[int, Field(ge=2, le=MOST_BARS, description="The newest so many bars of the window.")] = 160
    adjustment: Annotated[Adjustment | None, Field(description="Else that of the layout, else splits.")] = None
    type: Literal["candles", "hollow", "bars", "line", "area", "heikin_ashi", "renko"] = "candles"
    renko_box: Annotated[
        float | None, Field(gt=0, allow_inf_nan=False, description="The height of a Renko brick; else one that fits.")
    ] = None
    scale: Scale = "linear"
    zone: Annotated[
        str, Field(max_length=64, description="The zone of times: `exchange`, or a name such as Europe/Berlin.")
    ] = "exchange"
    studies: Annotated[
        str, Field(max_length=1000, description="Indicators with their settings, such as `sma(20),rsi(14)`.")
    ] = ""
    compare: Annotated[str, Field(max_length=400, description="Symbols to compare with, commas between them.")] = ""
    formula: Annotated[str, Field(max_length=2000, description="Mark the bars at which this begins to hold.")] = ""
    volume: bool = True
    profile: Annotated[bool, Field(description="Show at the right edge how much was traded at which price.")] = False
    drawings: Annotated[bool, Field(description="Show the person's own drawings, or those of `room_id`.")] = False
    room_id: UUID | None = None
    layout_id: Annotated[UUID | None, Field(description="Show it as this layout arranges it.")] = None
    theme: Theme = "light"
    width: Annotated[int, Field(ge=LEAST_WIDTH, le=MOST_SIDE, description="Pixels.")] = 960
    height: Annotated[int, Field(ge=LEAST_SIDE, le=MOST_SIDE, description="Pixels.")] = 540

    def to_layout(self, symbol: str) -> ChartLayout:
        """Return the arrangement that is asked for without the name of one; raises InvalidInputError."""
        compared = [require_symbol(one) for one in self.compare.split(",") if one.strip()]
        if len(compared) > MOST_COMPARED:
            raise _wrong("compare", f"are more than {MOST_COMPARED}")
        if self.zone != "exchange" and self.zone not in available_timezones():
            raise _wrong("zone", "is no time zone")
        return ChartLayout(
            symbol=symbol,
            timeframe=self.timeframe or Timeframe.D1,
            chart_type=self.type,
            scale=self.scale,
            adjustment=self.adjustment or "splits",
            renko_box=self.renko_box,
            zone=self.zone,
            studies=read_studies(self.studies),
            compare=tuple(dict.fromkeys(compared)),
            visibility=Visibility(volume=self.volume, drawings=self.drawings, profile=self.profile),
        )


def read_studies(text: str) -> tuple[Study, ...]:
    """Return the studies that a text names, their settings in the catalogue's order; raises InvalidInputError."""
    studies: list[Study] = []
    at = 0
    while at < len(text):
        found = _STUDY.match(text, at)
        if found is None or found.end() == at:
            raise _wrong("studies", f"cannot be read from character {at + 1} on; write it like sma(20),rsi(14)")
        studies.append(_to_study(found[1], found[2] or ""))
        at = found.end()
    if len(studies) > MOST_STUDIES:
        raise _wrong("studies", f"are more than {MOST_STUDIES}")
    return tuple(studies)


def _to_study(name: str, numbers: str) -> Study:
    try:
        indicator = get_indicator(name)
    except NotFoundError as error:
        raise _wrong("studies", error.detail) from error
    given = [part.strip() for part in numbers.split(",") if part.strip()]
    if len(given) > len(indicator.parameters):
        raise _wrong("studies", f"{indicator.name} has {len(indicator.parameters)} settings")
    try:
        values = {one.name: float(part) for one, part in zip(indicator.parameters, given, strict=False)}
    except ValueError as error:
        raise _wrong("studies", f"the settings of {indicator.name} are numbers") from error
    return Study(name=indicator.name, parameters=complete(indicator, values))


def _wrong(field: str, message: str) -> InvalidInputError:
    return InvalidInputError(f"{field}: {message}", errors=({"field": field, "message": message},))
