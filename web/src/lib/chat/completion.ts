/**
 * What the composer offers while one types a word that begins with a mark: @ a person, / a command, $ a symbol, : an
 * emoji. A part of the chat adds its provider to `completionProviders`.
 */
import { emoji } from './completeemoji';
import { symbols } from './completesymbols';
import type { Conversation } from './conversation.svelte';
import { names } from './mentioning';
import { commands } from './slash.svelte';

export interface Completion {
  /** What is put in place of the mark and the word. */
  insert: string;
  label: string;
  detail?: string;
  /** What its provider wants to know of it when the message is sent. */
  data?: unknown;
}

export interface CompletionContext {
  conversation: Conversation | null;
  signal: AbortSignal;
}

export interface CompletionProvider {
  /** One character. */
  mark: string;
  /** What the list is called by screen readers. */
  label: string;
  /** Only where the text begins with it. */
  atStart?: boolean;
  /** How many letters must follow before it is asked. */
  least?: number;
  find: (word: string, context: CompletionContext) => Completion[] | Promise<Completion[]>;
}

export interface Token {
  mark: string;
  word: string;
  start: number;
  end: number;
}

export const MOST_COMPLETIONS = 8;

export const completionProviders: CompletionProvider[] = [names, symbols, emoji, commands];

const LETTER = /[\p{L}\p{N}_.+-]/u;

/** The word with a mark that the caret stands in or behind; null where none is. */
export function tokenAt(text: string, caret: number, providers = completionProviders): Token | null {
  let start = caret;
  while (start > 0 && LETTER.test(text.charAt(start - 1))) start -= 1;
  const mark = text.charAt(start - 1);
  const provider = providers.find((each) => each.mark === mark);
  if (!provider) return null;
  const begin = start - 1;
  // In the middle of a word (an e-mail address, 10:30, and/or) a mark means nothing.
  if (begin > 0 && !/[\s(\[{"'*_~>]/.test(text.charAt(begin - 1))) return null;
  if (provider.atStart && begin > 0) return null;
  let end = caret;
  while (end < text.length && LETTER.test(text.charAt(end))) end += 1;
  const word = text.slice(start, caret);
  return word.length >= (provider.least ?? 0) ? { mark, word, start: begin, end } : null;
}

/** The text with a completion put in, and where the caret stands then. */
export function complete(text: string, token: Token, completion: Completion): { text: string; caret: number } {
  const after = text.slice(token.end);
  const space = /^\s/.test(after) ? '' : ' ';
  const put = completion.insert + space;
  const caret = token.start + completion.insert.length + 1;
  return { text: text.slice(0, token.start) + put + after, caret };
}
