"""The endpoints of slash commands."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from outcry.kit.http import refusals, requires
from outcry.kit.principal import Principal
from outcry.kit.slash import SlashCommands
from outcry.kit.text import clean_line
from outcry.ports.database import Database
from outcry.services.chat.membership import room_of
from outcry.services.chat.rights import Right, require


@dataclass(frozen=True, kw_only=True)
class SlashArgumentView:
    """What stands behind a command."""

    name: str
    help: str
    example: str
    required: bool


@dataclass(frozen=True, kw_only=True)
class SlashCommandView:
    """A command as one types it, without the slash."""

    name: str
    help: str
    arguments: tuple[SlashArgumentView, ...]


@dataclass(frozen=True, kw_only=True)
class SlashLine:
    """A line that begins with a slash. ``client_id`` makes sending it twice harmless."""

    text: Annotated[str, Field(min_length=2, max_length=400, pattern="^/")]
    client_id: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


@dataclass(frozen=True, kw_only=True)
class SlashAnswer:
    """What only the person who gave the command is told; empty where the room shows what it did."""

    text: str


def slash_router(commands: SlashCommands, database: Database) -> APIRouter:
    """Return the endpoints, bound to these commands."""
    router = APIRouter(prefix="/api/v1", tags=["chat"])

    @router.get("/slash-commands")
    async def list_slash_commands(
        principal: Annotated[Principal, requires("chat:message:post")],
    ) -> tuple[SlashCommandView, ...]:
        """List the commands that the person may use."""
        return tuple(
            SlashCommandView(
                name=command.name,
                help=command.help,
                arguments=tuple(
                    SlashArgumentView(name=each.name, help=each.help, example=each.example, required=each.required)
                    for each in command.arguments
                ),
            )
            for command in commands.list_for(principal)
        )

    @router.post("/rooms/{room_id}/slash", responses=refusals(409))
    async def run_slash_command(
        principal: Annotated[Principal, requires("chat:message:post")], room_id: UUID, body: SlashLine
    ) -> SlashAnswer:
        """Do what a line such as `/chart AAPL 1d` asks for. A command that is wrong posts nothing."""
        async with database.reading() as session:
            _, member = await room_of(session, principal, room_id)
            require(member, Right.POST)
        text = await commands.run(principal, room_id, clean_line(body.text), client_id=body.client_id)
        return SlashAnswer(text=text)

    return router
