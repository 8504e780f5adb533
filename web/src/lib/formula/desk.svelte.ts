/** A formula while it is typed: checked after a pause, evaluated when asked for, and again when the chart changes. */
import { describe } from '$lib/api/problem';
import type { Adjustment, FormulaCheck, FormulaResult, FormulaWord, Timeframe } from '$lib/api/types';

/** Of which bars of an instrument something is asked. */
export interface BarsAsked {
  timeframe: Timeframe;
  adjustment: Adjustment;
}

export interface Server {
  check(text: string): Promise<FormulaCheck>;
  evaluate(text: string, symbol: string, bars: BarsAsked): Promise<FormulaResult>;
  words(): Promise<FormulaWord[]>;
}

export const PAUSE_MS = 250;

export class FormulaDesk {
  text = $state('');
  /** What the server said of the text as it is now; null until it did. */
  check = $state.raw<FormulaCheck | null>(null);
  words = $state.raw<FormulaWord[]>([]);
  result = $state.raw<FormulaResult | null>(null);
  failure = $state('');
  busy = $state(false);

  /** The text whose hits are shown, or are asked for. */
  #shown = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;
  #evaluated = 0;
  readonly #server: Server;
  readonly #tell: (result: FormulaResult | null) => void;

  constructor(server: Server, tell: (result: FormulaResult | null) => void) {
    this.#server = server;
    this.#tell = tell;
  }

  async loadWords(): Promise<void> {
    if (this.words.length > 0) return;
    // Without them one types without help, which is no failure.
    this.words = await this.#server.words().catch(() => []);
  }

  /** Take the text as it is now; ask what it means when no more is typed for a moment. */
  type(text: string): void {
    this.text = text;
    this.check = null;
    this.failure = '';
    this.#asked += 1;
    clearTimeout(this.#timer);
    if (text.trim() !== '') this.#timer = setTimeout(() => void this.ask(), PAUSE_MS);
  }

  /** Ask now what the text means; an answer about an older text is dropped. */
  async ask(): Promise<FormulaCheck | null> {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    try {
      const check = await this.#server.check(this.text);
      if (asked === this.#asked) this.check = check;
    } catch (error) {
      if (asked === this.#asked) this.failure = describe(error);
    }
    return asked === this.#asked ? this.check : null;
  }

  /** Show the hits of the text, if it is right. */
  async show(symbol: string, bars: BarsAsked): Promise<void> {
    if (this.text.trim() === '') return this.clear();
    const check = this.check ?? (await this.ask());
    if (!check || check.problems.length > 0) return;
    this.#shown = this.text;
    await this.#evaluate(symbol, bars);
  }

  /** Evaluate what is shown on another chart. */
  async again(symbol: string, bars: BarsAsked): Promise<void> {
    if (this.#shown) await this.#evaluate(symbol, bars);
  }

  clear(): void {
    this.#shown = '';
    this.#evaluated += 1;
    this.busy = false;
    this.failure = '';
    this.#take(null);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#evaluated += 1;
  }

  async #evaluate(symbol: string, bars: BarsAsked): Promise<void> {
    const evaluated = ++this.#evaluated;
    this.busy = true;
    this.failure = '';
    try {
      const result = await this.#server.evaluate(this.#shown, symbol, bars);
      if (evaluated === this.#evaluated) this.#take(result);
    } catch (error) {
      if (evaluated !== this.#evaluated) return;
      this.failure = describe(error);
      this.#take(null);
    } finally {
      if (evaluated === this.#evaluated) this.busy = false;
    }
  }

  #take(result: FormulaResult | null): void {
    this.result = result;
    this.#tell(result);
  }
}
