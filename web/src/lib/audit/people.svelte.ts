/** The names of the organisation's people, read once: the log itself has ids alone. */
import { organisation } from '$lib/account/api';
import type { AuditEntry } from '$lib/api/types';
import { session } from '$lib/session/session.svelte';

export const ERASED = 'a person who was erased';
export const GONE = 'somebody who is no longer here';

// Nobody chooses from a list longer than this, and reading it is an act that the log keeps.
const MOST_PAGES = 10;

class People {
  list = $state.raw<{ id: string; name: string }[]>([]);
  #names = $derived(new Map(this.list.map((each) => [each.id, each.name])));
  #of = '';

  /** Read them anew for another person or organisation; without an answer the names stay unknown. */
  async load(): Promise<void> {
    const of = `${session.me?.person.id} ${session.me?.organisation.id}`;
    if (of === this.#of || !session.me) return;
    this.#of = of;
    const me = session.me.person;
    this.list = [{ id: me.id, name: me.name }];
    if (!session.may('auth:member:read')) return;
    try {
      const found: { id: string; name: string }[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const next: Awaited<ReturnType<typeof organisation.members>> = await organisation.members(cursor);
        found.push(...next.items.map((each) => ({ id: each.person.id, name: each.person.name })));
        cursor = next.next_cursor ?? null;
        if (!cursor) break;
      }
      this.list = found.sort((one, other) => one.name.localeCompare(other.name));
    } catch {
      this.#of = '';
    }
  }

  find = (id: string): string | undefined => this.#names.get(id);

  /** Somebody in an entry: by name, or as what became of them. */
  in(entry: AuditEntry, id: string): string {
    return this.find(id) ?? (entry.erased ? ERASED : GONE);
  }
}

export const people = new People();
