/** A whole room as a file: fetched as it is made, with how far that is. */
import { api, call } from '$lib/api/client';
import { Problem, toProblem } from '$lib/api/problem';
import type { Room } from '$lib/api/types';

export type ExportForm = 'json' | 'markdown';

export interface Progress {
  messages: number;
  of: number;
}

interface Written {
  type: string;
  ending: string;
  /** How the line of a message begins; no text in a message can begin a line so. */
  message: string;
  /** What stands at the end of a file of which nothing is missing. */
  end: string;
}

const FORMS: Record<ExportForm, Written> = {
  json: { type: 'application/json', ending: 'json', message: '{"id":', end: '"complete":true' },
  markdown: { type: 'text/markdown', ending: 'md', message: '### ', end: 'The end of this export' },
};
const TAIL = 200;

const CUT_OFF = new Problem('The export broke off before its end, so nothing was saved. Try again.', {
  status: 0,
  code: 'export_cut_off',
});

/** Whether somebody is offered a room's export: its owner, and an admin, who says why. */
export function mayExport(conversation: { room: Room | null }, may: (permission: string) => boolean): boolean {
  if (!may('chat:room:export')) return false;
  return conversation.room?.place?.role === 'owner' || may('chat:export:oversee');
}

/** Counts the lines that begin so, in a text that comes in pieces. */
export class LineCount {
  count = 0;
  #line = '';

  constructor(readonly start: string) {}

  add(piece: string): number {
    const lines = (this.#line + piece).split('\n');
    // The last one goes on in the next piece; of it no more than its beginning is kept.
    const last = lines.pop() ?? '';
    this.count += lines.filter((line) => line.startsWith(this.start)).length;
    this.#line = last.slice(0, this.start.length);
    return this.count + (last.startsWith(this.start) ? 1 : 0);
  }
}

/** Fetch a room's export; `told` hears how far it is. Throws when it breaks off: a part is never saved as a whole. */
export async function exportRoom(
  roomId: string,
  form: ExportForm,
  reason: string,
  told: (progress: Progress) => void,
): Promise<{ file: Blob; name: string }> {
  const written = FORMS[form];
  const answer = await api.POST('/api/v1/rooms/{room_id}/export', {
    params: { path: { room_id: roomId } },
    body: { form, reason },
    parseAs: 'stream',
  });
  if (!answer.response.ok) throw toProblem(answer.response.status, answer.error);
  const of = Number(answer.response.headers.get('outcry-message-count') ?? 0);
  const stream = (await call(Promise.resolve(answer))) as unknown as ReadableStream<Uint8Array<ArrayBuffer>>;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const [decoder, lines] = [new TextDecoder(), new LineCount(written.message)];
  let tail = '';
  told({ messages: 0, of });
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const text = decoder.decode(next.value, { stream: true });
      parts.push(next.value);
      tail = (tail + text).slice(-TAIL);
      told({ messages: Math.min(lines.add(text), of), of });
    }
  } catch {
    throw CUT_OFF;
  }
  if (!tail.includes(written.end)) throw CUT_OFF;
  return { file: new Blob(parts, { type: written.type }), name: `outcry-room-${roomId}.${written.ending}` };
}
