/** The organisations that the signed-in person may go to. */
import { session } from '$lib/session/session.svelte';
import { organisation } from './api';
import type { MyOrganisation } from '$lib/api/types';

class Organisations {
  list = $state.raw<MyOrganisation[]>([]);

  /** Read them anew; without an answer what was known stays. */
  async load(): Promise<void> {
    this.list = await organisation.mine().catch(() => this.list);
  }

  /** Go on in another one. Everything on the page is of the old one, so it is loaded anew. */
  async go(id: string): Promise<void> {
    await session.move('switch', { organisation_id: id });
    location.assign('/');
  }
}

export const organisations = new Organisations();
