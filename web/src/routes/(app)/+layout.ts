import { redirect } from '@sveltejs/kit';
import { describe } from '$lib/api/problem';
import { session } from '$lib/session/session.svelte';

/** Every page in here needs somebody who is signed in. */
export async function load({ url }: { url: URL }): Promise<{ offline: string }> {
  const next = url.pathname + url.search;
  try {
    await session.start();
  } catch (error) {
    return { offline: describe(error) };
  }
  if (session.status !== 'in') {
    redirect(307, next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`);
  }
  return { offline: '' };
}
