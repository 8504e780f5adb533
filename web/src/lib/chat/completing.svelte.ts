/** The composer's popover: what is offered for the word at the caret, and which of it is chosen. */
import {
  complete,
  completionProviders,
  MOST_COMPLETIONS,
  tokenAt,
  type Completion,
  type CompletionProvider,
  type Token,
} from './completion';
import type { Conversation } from './conversation.svelte';

const PAUSE_MS = 80;

export class Completing {
  list = $state.raw<Completion[]>([]);
  chosen = $state(0);
  token = $state.raw<Token | null>(null);
  #providers: readonly CompletionProvider[];
  #asked: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Where Esc closed it: it stays closed while one goes on with that word. */
  #dismissed: number | null = null;

  constructor(providers: readonly CompletionProvider[] = completionProviders) {
    this.#providers = providers;
  }

  get open(): boolean {
    return this.token !== null && this.list.length > 0;
  }

  get label(): string {
    return this.#provider(this.token)?.label ?? '';
  }

  /** The text or the caret changed. */
  look(text: string, caret: number, conversation: Conversation | null): void {
    const token = tokenAt(text, caret, [...this.#providers]);
    if (token?.start !== this.#dismissed) this.#dismissed = null;
    if (!token || this.#dismissed !== null) return this.#clear();
    if (token.mark === this.token?.mark && token.word === this.token.word && token.start === this.token.start) return;
    this.token = token;
    this.#asked?.abort();
    clearTimeout(this.#timer);
    const asked = (this.#asked = new AbortController());
    this.#timer = setTimeout(() => void this.#ask(token, conversation, asked.signal), PAUSE_MS);
  }

  move(step: number): void {
    this.chosen = (this.chosen + step + this.list.length) % this.list.length;
  }

  /** Put the chosen one, or another, into the text. */
  take(text: string, index = this.chosen): { text: string; caret: number; completion: Completion } | null {
    const completion = this.list[index];
    if (!this.token || !completion) return null;
    const result = { ...complete(text, this.token, completion), completion };
    this.#clear();
    return result;
  }

  dismiss(): void {
    this.#dismissed = this.token?.start ?? null;
    this.#clear();
  }

  async #ask(token: Token, conversation: Conversation | null, signal: AbortSignal): Promise<void> {
    try {
      const found = (await this.#provider(token)?.find(token.word, { conversation, signal })) ?? [];
      if (signal.aborted) return;
      this.list = found.slice(0, MOST_COMPLETIONS);
      this.chosen = 0;
    } catch {
      // Nothing is offered then; one can type it all the same.
      if (!signal.aborted) this.list = [];
    }
  }

  #provider(token: Token | null): CompletionProvider | undefined {
    return this.#providers.find((each) => each.mark === token?.mark);
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.token = null;
    this.list = [];
    this.chosen = 0;
  }
}
