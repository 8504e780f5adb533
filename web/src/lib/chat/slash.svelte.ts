/** Commands that are typed into the field: completed, done by the server, and what they say to who gave them. */
import { api, call } from '$lib/api/client';
import { newKey } from '$lib/api/keys';
import type { SlashCommandView } from '$lib/api/types';
import type { CompletionProvider } from './completion';

let listed: Promise<SlashCommandView[]> | null = null;

export function listCommands(): Promise<SlashCommandView[]> {
  listed ??= call(api.GET('/api/v1/slash-commands')).catch((error: unknown) => {
    listed = null;
    throw error;
  });
  return listed;
}

/** How a command is written, such as "/chart symbol [timeframe]". */
export function usageOf(command: SlashCommandView): string {
  const words = command.arguments.map((each) => (each.required ? each.name : `[${each.name}]`));
  return [`/${command.name}`, ...words].join(' ');
}

/** Whether a text is a command and no message: a path such as /etc/hosts is none. */
export function isCommand(text: string): boolean {
  return /^\/[a-z][a-z-]*(\s|$)/i.test(text) && !text.includes('\n');
}

/** What is posted of a text that is no command: of two slashes at its beginning one was to say so. */
export function unescape(text: string): string {
  const words = text.trim();
  return isCommand(words.slice(1)) && words.startsWith('//') ? words.slice(1) : words;
}

/** Do what a line asks for; what it says to the person alone, empty where the room shows it. */
export async function runCommand(roomId: string, text: string): Promise<string> {
  const params = { path: { room_id: roomId } };
  const body = { text, client_id: newKey() };
  return (await call(api.POST('/api/v1/rooms/{room_id}/slash', { params, body }))).text;
}

export const commands: CompletionProvider = {
  mark: '/',
  label: 'Commands',
  atStart: true,
  async find(word) {
    const fitting = (await listCommands()).filter((each) => each.name.startsWith(word.toLowerCase()));
    return fitting.map((each) => ({ insert: `/${each.name}`, label: usageOf(each), detail: each.help }));
  },
};
