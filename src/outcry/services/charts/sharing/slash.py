"""The charts service's slash command: a live chart in a room."""

from outcry.kit.market import Timeframe
from outcry.kit.slash import SlashArgument, SlashArgumentError, SlashCall, SlashCommand
from outcry.services.charts.instruments import InstrumentReader
from outcry.services.chat.contracts import ChartCard, ChatFacade

_DEFAULT = Timeframe.D1


def chart_command(instruments: InstrumentReader, chat: ChatFacade) -> SlashCommand:
    """Return ``/chart``, which posts a card of an instrument that stays live."""

    async def run(call: SlashCall) -> str:
        timeframe = _timeframe(call.words.get("timeframe", _DEFAULT.value))
        found = await instruments.get(call.principal.tenant_id, call.words["symbol"].removeprefix("$"))
        symbol = found.instrument.symbol
        await chat.post_charts(
            tenant_id=call.principal.tenant_id,
            room_id=call.room_id,
            person_id=call.principal.user_id,
            text=f"${symbol}, {timeframe}",
            cards=(ChartCard(symbols=(symbol,), timeframe=timeframe, start=None, end=None),),
            client_id=call.client_id,
        )
        return ""

    return SlashCommand(
        name="chart",
        help="shows a live chart in this room",
        permission="charts:share:post",
        arguments=(
            SlashArgument(name="symbol", help="an instrument", example="AAPL"),
            SlashArgument(name="timeframe", help="the length of a bar", example="1d", required=False),
        ),
        run=run,
    )


def _timeframe(text: str) -> str:
    try:
        return Timeframe(text).value
    except ValueError as error:
        known = ", ".join(each.value for each in Timeframe)
        raise SlashArgumentError(f"{text[:20]} is no timeframe: write one of {known}.") from error
