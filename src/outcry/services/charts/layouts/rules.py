"""What a layout may be, beyond its shape: indicators, symbols and zones that there are."""

from dataclasses import replace
from zoneinfo import available_timezones

from pydantic import TypeAdapter

from outcry.kit.errors import InvalidInputError, NotFoundError
from outcry.kit.text import clean_text
from outcry.quant.indicators.computing import complete, get_indicator
from outcry.services.charts.layouts.contracts import ChartLayout, FormulaText, LayoutKind, Study
from outcry.services.charts.naming import require_symbol

LAYOUT = TypeAdapter(ChartLayout)
MOST_BYTES = 32_000


def check_layout(kind: LayoutKind, chart: ChartLayout) -> ChartLayout:
    """Return the layout in its one spelling; raises InvalidInputError with the place of what is wrong."""
    _check_kind(kind, chart)
    if chart.zone not in ("exchange", "local") and chart.zone not in available_timezones():
        raise _wrong("zone", "is no time zone")
    panes = [pane.id for pane in chart.panes]
    if len(panes) != len(set(panes)):
        raise _wrong("panes", "two have the same id")
    checked = replace(
        chart,
        symbol=chart.symbol and require_symbol(chart.symbol),
        compare=tuple(dict.fromkeys(require_symbol(symbol) for symbol in chart.compare)),
        studies=tuple(_check_study(number, study, panes) for number, study in enumerate(chart.studies)),
        formulas=tuple(_check_formula(number, formula) for number, formula in enumerate(chart.formulas)),
    )
    if len(LAYOUT.dump_json(checked)) > MOST_BYTES:
        raise _wrong("chart", f"has more than {MOST_BYTES:,} bytes as JSON")
    return checked


def _check_kind(kind: LayoutKind, chart: ChartLayout) -> None:
    if kind == "layout" and (chart.symbol is None or chart.timeframe is None):
        raise _wrong("symbol", "a layout names its symbol and timeframe")
    if kind == "template" and (chart.symbol is not None or chart.timeframe is not None or chart.compare):
        raise _wrong("symbol", "a template is for every symbol and timeframe, and compares none")


def _check_study(number: int, study: Study, panes: list[str]) -> Study:
    place = f"studies.{number}"
    try:
        indicator = get_indicator(study.name)
        parameters = complete(indicator, study.parameters)
    except (NotFoundError, InvalidInputError) as error:
        raise _wrong(place, error.detail) from error
    if unknown := [style.output for style in study.styles if style.output not in indicator.outputs]:
        raise _wrong(f"{place}.styles", f"{indicator.name} has no output {unknown[0]}")
    if study.pane and study.pane not in panes:
        raise _wrong(f"{place}.pane", "is not among the panes")
    other = study.other and require_symbol(study.other)
    return replace(study, name=indicator.name, parameters=parameters, other=other)


def _check_formula(number: int, formula: FormulaText) -> FormulaText:
    text = clean_text(formula.text)
    if not text:
        raise _wrong(f"formulas.{number}.text", "is empty")
    return replace(formula, text=text)


def _wrong(field: str, message: str) -> InvalidInputError:
    return InvalidInputError(f"{field}: {message}", errors=({"field": field, "message": message},))
