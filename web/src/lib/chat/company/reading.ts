/** Tells the server how far the person has read a room: not with every message, and only what was looked at. */

export const EVERY_MS = 1000;

export interface ReadingPage {
  /** Whether somebody looks at the page now. */
  looks: () => boolean;
  /** Tell the server: read up to a sequence, and this device has the messages up to another. */
  tell: (read: number, delivered: number) => void;
}

export class Reading {
  #page: ReadingPage;
  #seen = 0;
  #told = 0;
  #delivered = 0;
  #deliveredTold = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Nothing is read any more: the person marked the room unread, until they leave it. */
  #held = false;
  #restUntil = 0;

  constructor(page: ReadingPage) {
    this.#page = page;
  }

  /** A message came into sight. */
  saw(sequence: number): void {
    this.#seen = Math.max(this.#seen, sequence);
    this.#soon();
  }

  /** This device has a message. */
  has(sequence: number): void {
    this.#delivered = Math.max(this.#delivered, sequence);
    this.#soon();
  }

  /** The page is looked at again: what came into sight meanwhile counts now. */
  looked(): void {
    this.#soon();
  }

  /** What was told may be lost with the connection: tell it again. */
  again(): void {
    this.#told = 0;
    this.#deliveredTold = 0;
    this.#soon();
  }

  hold(): void {
    this.#held = true;
  }

  close(): void {
    this.#flush();
    clearTimeout(this.#timer);
    this.#held = true;
  }

  #soon(): void {
    if (this.#timer !== undefined || !this.#due()) return;
    const wait = this.#restUntil - Date.now();
    if (wait <= 0) this.#flush();
    else
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#flush();
      }, wait);
  }

  #due(): boolean {
    return this.#readNow() > this.#told || this.#delivered > this.#deliveredTold;
  }

  #readNow(): number {
    return this.#held || !this.#page.looks() ? this.#told : Math.max(this.#seen, this.#told);
  }

  #flush(): void {
    if (!this.#due()) return;
    this.#told = this.#readNow();
    this.#deliveredTold = this.#delivered;
    this.#restUntil = Date.now() + EVERY_MS;
    this.#page.tell(this.#told, this.#delivered);
  }
}
