"""The chat service's own slash command."""

from outcry.kit.slash import SlashCall, SlashCommand, SlashCommands


def help_command(commands: SlashCommands) -> SlashCommand:
    """Return ``/help``, which lists what there is."""

    async def run(call: SlashCall) -> str:
        lines = []
        for command in commands.list_for(call.principal):
            words = (f"<{each.name}>" if each.required else f"[{each.name}]" for each in command.arguments)
            lines.append(f"{' '.join((f'/{command.name}', *words))}: {command.help}")
        return "\n".join(lines)

    return SlashCommand(name="help", help="lists the commands", permission="chat:message:post", run=run)
