"""Commands that people type into a message's field: ``/chart AAPL 1d``. Each belongs to the service that does it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from uuid import UUID

from outcry.kit.errors import InvalidInputError
from outcry.kit.principal import Principal


class UnknownSlashCommandError(InvalidInputError):
    """No service has a command of this name, or none that the person may use."""

    code, title = "unknown_slash_command", "There is no such command"


class SlashArgumentError(InvalidInputError):
    """Something is missing behind the command, or is not what it takes."""

    code, title = "slash_argument", "The command needs something else"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashArgument:
    """What stands behind a command, one word each. ``example`` is what one could type.

    The last one may take the ``rest`` of the line instead, as it was typed.
    """

    name: str
    help: str
    example: str
    required: bool = True
    rest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCall:
    """A command that somebody gave in a room of theirs. ``client_id`` makes doing it twice harmless."""

    principal: Principal
    room_id: UUID
    words: Mapping[str, str]
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand:
    """A command: ``run`` does it, and returns what only the person is told, empty where the room shows it."""

    name: str
    help: str
    permission: str
    run: Callable[[SlashCall], Awaitable[str]]
    arguments: tuple[SlashArgument, ...] = ()


class SlashCommands:
    """All commands by name. Made empty, handed to who asks it, filled once all services are built."""

    def __init__(self) -> None:
        self._by_name: dict[str, SlashCommand] = {}

    def fill(self, commands: Iterable[SlashCommand]) -> None:
        """Take commands in; raises ValueError for two of one name."""
        for command in commands:
            if command.name in self._by_name:
                raise ValueError(f"there are two commands named /{command.name}")
            self._by_name[command.name] = command

    def list_for(self, principal: Principal) -> tuple[SlashCommand, ...]:
        """Return what a person may use, by name."""
        return tuple(self._by_name[name] for name in sorted(self._by_name) if self._may(principal, name))

    async def run(self, principal: Principal, room_id: UUID, text: str, *, client_id: str) -> str:
        """Do what a line asks for; raises UnknownSlashCommandError, SlashArgumentError and what the command raises."""
        name, *words = text.removeprefix("/").split() or [""]
        command = self._by_name.get(name.lower())
        if command is None or not self._may(principal, command.name):
            known = [each.name for each in self.list_for(principal)]
            near = get_close_matches(name.lower(), known, n=1)
            help_ = f"Did you mean /{near[0]}?" if near else "/help lists those that there are."
            raise UnknownSlashCommandError(
                f"There is no command /{name[:30]}. {help_} To post it as it stands, begin with two slashes."
            )
        call = SlashCall(principal=principal, room_id=room_id, words=_read_words(command, words), client_id=client_id)
        return await command.run(call)

    def _may(self, principal: Principal, name: str) -> bool:
        return principal.may(self._by_name[name].permission)


def _read_words(command: SlashCommand, words: list[str]) -> dict[str, str]:
    """Return what was typed by the names of the arguments; raises SlashArgumentError."""
    count = len(command.arguments)
    if count and command.arguments[-1].rest and len(words) > count:
        words = [*words[: count - 1], " ".join(words[count - 1 :])]
    needed = sum(argument.required for argument in command.arguments)
    if not needed <= len(words) <= len(command.arguments):
        example = " ".join((f"/{command.name}", *(argument.example for argument in command.arguments)))
        raise SlashArgumentError(f"Write it like this: {example}")
    return {argument.name: word for argument, word in zip(command.arguments, words, strict=False)}
