/** What a message says in one line: its words, or what its files are called. */
import type { Message, MessageFile } from '$lib/api/types';

export function wordsOf(message: Pick<Message, 'text' | 'files'>): string {
  return message.text || (message.files ?? []).map((file) => file.name).join(', ');
}

/** What the reader should know of a file before they open it; empty for nothing. */
export function warningOf(file: MessageFile): string {
  if (file.disguised) return 'Not what its name says';
  if (file.kind === 'program') return 'A program';
  const telling = file.kind === 'image' || file.kind === 'video';
  return telling && !file.cleaned ? 'May say where it was taken' : '';
}
