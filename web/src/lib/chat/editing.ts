/** Markdown by the keyboard: what a shortcut makes of a text and its selection. */

import type { IconName } from '$lib/components/Icon.svelte';

export interface Edited {
  text: string;
  start: number;
  end: number;
}

/** Put marks around the selection, or take them away where they are. */
export function wrap(text: string, start: number, end: number, mark: string): Edited {
  const length = mark.length;
  const outside = text.slice(start - length, start) === mark && text.slice(end, end + length) === mark;
  if (outside) {
    const without = text.slice(0, start - length) + text.slice(start, end) + text.slice(end + length);
    return { text: without, start: start - length, end: end - length };
  }
  return {
    text: text.slice(0, start) + mark + text.slice(start, end) + mark + text.slice(end),
    start: start + length,
    end: end + length,
  };
}

/** Begin each line of the selection with a mark, or take it away where all have it. */
export function prefix(text: string, start: number, end: number, mark: string): Edited {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const next = text.indexOf('\n', end);
  const to = next < 0 ? text.length : next;
  const lines = text.slice(from, to).split('\n');
  const all = lines.every((line) => line.startsWith(mark));
  const changed = lines.map((line) => (all ? line.slice(mark.length) : mark + line)).join('\n');
  return { text: text.slice(0, from) + changed + text.slice(to), start: from, end: from + changed.length };
}

/** Make a link of the selection; what is selected then is the address. */
export function linked(text: string, start: number, end: number): Edited {
  const label = text.slice(start, end) || 'text';
  const at = start + label.length + 3;
  return { text: `${text.slice(0, start)}[${label}](https://)${text.slice(end)}`, start: at, end: at + 8 };
}

/** What Enter does in a list or a quotation: the next line begins as this one; an empty item ends it. */
export function nextLine(text: string, caret: number): Edited | null {
  const from = text.lastIndexOf('\n', caret - 1) + 1;
  const line = text.slice(from, caret);
  const found = /^(\s*)(?:([-*+]|>)|(\d+)([.)]))\s/.exec(line);
  if (!found) return null;
  if (found[0].length === line.length) {
    return { text: text.slice(0, from) + text.slice(caret), start: from, end: from };
  }
  const [, indent = '', bullet, number, dot = ''] = found;
  const begin = `\n${indent}${bullet ?? `${Number(number) + 1}${dot}`} `;
  const at = caret + begin.length;
  return { text: text.slice(0, caret) + begin + text.slice(caret), start: at, end: at };
}

export interface Format {
  label: string;
  icon: IconName;
  key: string;
  shift?: boolean;
  edit: (text: string, start: number, end: number) => Edited;
}

export const FORMATS: readonly Format[] = [
  { label: 'Bold', icon: 'bold', key: 'b', edit: (...at) => wrap(...at, '**') },
  { label: 'Italic', icon: 'italic', key: 'i', edit: (...at) => wrap(...at, '_') },
  { label: 'Code', icon: 'code', key: 'e', edit: (...at) => wrap(...at, '`') },
  { label: 'Link', icon: 'link', key: 'k', shift: true, edit: linked },
  { label: 'List', icon: 'list', key: '8', shift: true, edit: (...at) => prefix(...at, '- ') },
  { label: 'Quotation', icon: 'quote', key: '9', shift: true, edit: (...at) => prefix(...at, '> ') },
];

/** The format that a key press asks for. */
export function formatOf(event: KeyboardEvent): Format | undefined {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return undefined;
  // With the shift key the digits are other characters on many keyboards.
  const pressed = /^Digit(\d)$/.exec(event.code)?.[1] ?? event.key.toLowerCase();
  return FORMATS.find((each) => each.key === pressed && (each.shift ?? false) === event.shiftKey);
}

/** What pasting an address over selected words makes: a link of them. Null where it is pasted as it is. */
export function pasteLink(text: string, start: number, end: number, pasted: string): Edited | null {
  const label = text.slice(start, end);
  if (!label.trim() || /\s/.test(pasted) || !/^https?:\/\/./i.test(pasted) || /^https?:/i.test(label)) return null;
  const link = `[${label}](${pasted})`;
  const at = start + link.length;
  return { text: text.slice(0, start) + link + text.slice(end), start: at, end: at };
}
