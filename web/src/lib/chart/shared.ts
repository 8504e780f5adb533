/** Charts that somebody shared: opened by the token of a link, or by the id that a message's card has. */
import { api, call } from '$lib/api/client';
import type { SharedChart } from '$lib/api/types';

export interface Look {
  theme: 'light' | 'dark';
  width: number;
  height: number;
}

const LEAST_WIDTH = 400;
const MOST_WIDTH = 1400;

/** The look of a picture that fills this much room. */
export function lookFor(room: number, dark: boolean): Look {
  const width = Math.round(Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, room)));
  // A phone has more room below than beside.
  const ratio = width < 600 ? 0.8 : 0.56;
  return { theme: dark ? 'dark' : 'light', width, height: Math.round(width * ratio) };
}

/** Open a link; who is signed in also sees what is for them alone. Each opening is counted. */
export function openLink(token: string, signedIn: boolean, look: Look): Promise<SharedChart> {
  const body = { token, ...look };
  return signedIn ? call(api.POST('/api/v1/shares/enter', { body })) : call(api.POST('/api/v1/shares/open', { body }));
}

export function loadShare(id: string, look: Look): Promise<SharedChart> {
  return call(api.GET('/api/v1/shares/{share_id}', { params: { path: { share_id: id }, query: look } }));
}
