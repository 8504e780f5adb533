"""Commands that begin with a slash: read, allowed, and handed on."""

from uuid import UUID

import pytest

from outcry.kit.principal import Principal
from outcry.kit.slash import (
    SlashArgument,
    SlashArgumentError,
    SlashCall,
    SlashCommand,
    SlashCommands,
    UnknownSlashCommandError,
)

ID = UUID(int=1)


def person(*scopes: str) -> Principal:
    return Principal(user_id=ID, tenant_id=ID, role="member", scopes=frozenset(scopes), session_id=ID)


def commands() -> SlashCommands:
    async def chart(call: SlashCall) -> str:
        return f"{call.client_id} {dict(call.words)}"

    arguments = (
        SlashArgument(name="symbol", help="an instrument", example="AAPL"),
        SlashArgument(name="timeframe", help="of a bar", example="1d", required=False),
    )
    known = SlashCommands()
    known.fill([SlashCommand(name="chart", help="shows a chart", permission="chart", run=chart, arguments=arguments)])
    return known


async def test_words_stand_behind_a_command_in_their_order() -> None:
    for line, words in (("/chart AAPL", {"symbol": "AAPL"}), ("/CHART a 1d", {"symbol": "a", "timeframe": "1d"})):
        assert await commands().run(person("chart"), ID, line, client_id="once") == f"once {words}"


@pytest.mark.parametrize("line", ["/chart", "/chart AAPL 1d more"])
async def test_what_is_missing_or_too_much_is_shown_by_an_example(line: str) -> None:
    with pytest.raises(SlashArgumentError, match="/chart AAPL 1d"):
        await commands().run(person("chart"), ID, line, client_id="once")


@pytest.mark.parametrize(("line", "scope"), [("/", "chart"), ("/nothing", "chart"), ("/chart AAPL", "other")])
async def test_a_command_that_one_may_not_use_is_not_there(line: str, scope: str) -> None:
    with pytest.raises(UnknownSlashCommandError):
        await commands().run(person(scope), ID, line, client_id="once")
    assert [each.name for each in commands().list_for(person(scope))] == ["chart"] * (scope == "chart")


def test_two_commands_of_one_name_stop_the_start() -> None:
    known = commands()
    with pytest.raises(ValueError, match="/chart"):
        known.fill([*known.list_for(person("chart"))])


async def test_a_mistyped_command_is_answered_with_the_nearest_that_one_may_use() -> None:
    for line, scope, near in (("/chrat AAPL", "chart", r"Did you mean /chart\?"), ("/chrat", "other", "/help lists")):
        with pytest.raises(UnknownSlashCommandError, match=near):
            await commands().run(person(scope), ID, line, client_id="once")
