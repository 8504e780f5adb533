/** Keeps the newest checkpoint that this browser verified, and says whether the log went on from it. */
import type { SignedCheckpoint } from '$lib/api/types';
import { describe, Problem } from '$lib/api/problem';
import { session } from '$lib/session/session.svelte';
import { recall, remember } from '$lib/storage';
import { audit } from './api';
import { compare, type Pinned, type Seen } from './pinned';

class Watch {
  seen = $state.raw<Seen | null>(null);
  /** Why nothing could be said: no answer, or no checkpoint yet. */
  failure = $state('');

  /** Ask for the newest checkpoint and check it. */
  async look(): Promise<void> {
    this.failure = '';
    try {
      await this.check(await audit.latest(), await audit.key());
    } catch (error) {
      const none = error instanceof Problem && error.status === 404;
      const lost = none && this.#kept();
      if (lost) this.seen = { kind: 'broken', before: null, why: 'The server has no checkpoint of this log any more.' };
      else this.failure = none ? 'No checkpoint was signed yet: the first comes within a minute.' : describe(error);
    }
  }

  /** Check a checkpoint against the one that was kept, and keep the newer one. */
  async check(found: SignedCheckpoint, key: string): Promise<Seen> {
    const kept = this.#kept();
    const seen = await compare(kept, found, key, this.#log(), growth);
    // What once did not fit is not forgotten because another answer does.
    if (this.seen?.kind !== 'broken') this.seen = seen;
    if (seen.kind === 'first' || seen.kind === 'grown') this.#keep({ note: found.note, key });
    return seen;
  }

  /** Begin anew: the person knows why the log is another one. */
  async forget(): Promise<void> {
    this.#keep(null);
    this.seen = null;
    await this.look();
  }

  #log(): string {
    return session.me?.organisation.id ?? '';
  }

  #kept(): Pinned | null {
    return recall<Pinned | null>(session.me?.person.id ?? '', `audit.${this.#log()}`, null);
  }

  #keep(pinned: Pinned | null): void {
    remember(session.me?.person.id ?? '', `audit.${this.#log()}`, pinned);
  }
}

/** A server that cannot prove the growth of a log that it signed has lost or changed some of it. */
async function growth(old: number, size: number): Promise<{ hashes: string[] }> {
  try {
    return await audit.growth(old, size);
  } catch (error) {
    if (error instanceof Problem && error.code === 'invalid_log_size') return { hashes: [] };
    throw error;
  }
}

export const watch = new Watch();
