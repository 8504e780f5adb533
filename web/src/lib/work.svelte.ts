/** One form's or list's work: whether it is busy, what went wrong, and the message for each field. */
import { tick } from 'svelte';
import { NOT_CONFIRMED } from '$lib/api/client';
import { describe, Problem } from '$lib/api/problem';

/** A button that is off while it works loses the focus, and a dialog asked meanwhile cannot give it back. */
async function giveBack(before: Element | null): Promise<void> {
  await tick();
  if (document.activeElement === document.body && before instanceof HTMLElement && before.isConnected) before.focus();
}

export class Work {
  busy = $state('');
  failure = $state('');
  problem = $state.raw<Problem | null>(null);

  /** Do one thing at a time; `name` says which. Returns whether it was done. */
  async run(act: () => Promise<unknown>, name = 'busy'): Promise<boolean> {
    if (this.busy) return false;
    const before = document.activeElement;
    this.busy = name;
    this.clear();
    try {
      await act();
      return true;
    } catch (error) {
      // Who chose not to confirm an act need not be told that it was not done.
      if (error !== NOT_CONFIRMED) {
        this.problem = error instanceof Problem ? error : null;
        this.failure = describe(error);
      }
      return false;
    } finally {
      this.busy = '';
      await giveBack(before);
    }
  }

  clear(): void {
    this.failure = '';
    this.problem = null;
  }

  field(name: string): string {
    return this.problem?.field(name) ?? '';
  }

  /** The failure, unless one of these fields says it beside itself. */
  rest(...fields: string[]): string {
    return fields.some((name) => this.field(name)) ? '' : this.failure;
  }
}
