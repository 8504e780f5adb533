/** One form's or list's work: whether it is busy, what went wrong, and the message for each field. */
import { NOT_CONFIRMED } from '$lib/api/client';
import { describe, Problem } from '$lib/api/problem';

export class Work {
  busy = $state('');
  failure = $state('');
  problem = $state.raw<Problem | null>(null);

  /** Do one thing at a time; `name` says which. Returns whether it was done. */
  async run(act: () => Promise<unknown>, name = 'busy'): Promise<boolean> {
    if (this.busy) return false;
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
