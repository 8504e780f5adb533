/** Uploads files of bars. XMLHttpRequest, for fetch does not tell how much of a body has gone out. */
import { toProblem, OFFLINE } from '$lib/api/problem';
import type { Import } from '$lib/api/types';
import { session } from '$lib/session/session.svelte';

/** What a person says about the files; what is empty is left to them. */
export interface Said {
  symbol: string;
  timeframe: string;
  zone: string;
  date_format: string;
  skip_bad_rows: boolean;
}

export const NOTHING_SAID: Said = { symbol: '', timeframe: '', zone: '', date_format: '', skip_bad_rows: false };

export function queryOf(said: Said, dryRun: boolean): string {
  const query = new URLSearchParams();
  for (const name of ['symbol', 'timeframe', 'zone', 'date_format'] as const) {
    const value = said[name].trim();
    if (value) query.set(name, value);
  }
  if (said.skip_bad_rows) query.set('skip_bad_rows', 'true');
  if (dryRun) query.set('dry_run', 'true');
  return query.toString();
}

interface Answer {
  status: number;
  body: unknown;
}

function send(files: File[], query: string, told: (share: number) => void, stop: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/imports?${query}`);
    const token = session.token();
    if (token) request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.responseType = 'json';
    request.upload.onprogress = (event) => told(event.lengthComputable && event.total ? event.loaded / event.total : 0);
    request.onload = () => resolve({ status: request.status, body: request.response as unknown });
    request.onerror = () => reject(OFFLINE);
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'));
    stop.addEventListener('abort', () => request.abort(), { once: true });
    const form = new FormData();
    for (const file of files) form.append('file', file, file.name);
    request.send(form);
  });
}

/** Upload files; `told` hears which share of them has gone out, 0 to 1. Throws the Problem that the server described. */
export async function upload(
  files: File[],
  said: Said,
  options: { dryRun: boolean; told: (share: number) => void; stop: AbortSignal },
): Promise<Import> {
  const query = queryOf(said, options.dryRun);
  const stale = session.token();
  let answer = await send(files, query, options.told, options.stop);
  if (answer.status === 401 && (await session.renew(stale))) {
    answer = await send(files, query, options.told, options.stop);
  }
  if (answer.status !== 202) throw toProblem(answer.status, answer.body);
  return answer.body as Import;
}
