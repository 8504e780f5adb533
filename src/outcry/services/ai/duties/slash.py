"""The AI service's slash command: a summary of the room, now or regularly."""

from outcry.kit.errors import NotFoundError
from outcry.kit.slash import SlashArgument, SlashCall, SlashCommand
from outcry.services.ai.duties.errors import DeskAbsentError
from outcry.services.chat.contracts import ASSISTANT_ID, ChatFacade


def summarise_command(chat: ChatFacade) -> SlashCommand:
    """Return ``/summarise``, which asks the AI in the room, where everybody sees what is asked.

    Raises DeskAbsentError where the AI is no member: a question that nobody answers helps nobody.
    """

    async def run(call: SlashCall) -> str:
        tenant_id = call.principal.tenant_id
        try:
            await chat.get_room(tenant_id=tenant_id, room_id=call.room_id, person_id=ASSISTANT_ID)
        except NotFoundError as error:
            raise DeskAbsentError("Desk, the AI, is not in this room, so nothing is summarised.") from error
        when = call.words.get("when", "")
        await chat.post_charts(
            tenant_id=tenant_id,
            room_id=call.room_id,
            person_id=call.principal.user_id,
            text=f"@desk summarise this room {when}".rstrip(),
            cards=(),
            client_id=call.client_id,
        )
        return ""

    return SlashCommand(
        name="summarise",
        help="has the AI summarise this room, now or regularly",
        permission="chat:message:post",
        arguments=(
            SlashArgument(
                name="when",
                help="how far back, or when from now on",
                example="every day at 17:00",
                required=False,
                rest=True,
            ),
        ),
        run=run,
    )
