/** Sends bodies that take long. XMLHttpRequest, for fetch does not tell how much of a body has gone out. */
import { session } from '$lib/session/session.svelte';
import { OFFLINE, toProblem } from './problem';

interface Answer {
  status: number;
  body: unknown;
}

export interface UploadOptions {
  /** Hears which share of the body has gone out, 0 to 1. */
  told: (share: number) => void;
  stop: AbortSignal;
}

function send(path: string, body: FormData | Blob, { told, stop }: UploadOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    const token = session.token();
    if (token) request.setRequestHeader('Authorization', `Bearer ${token}`);
    if (body instanceof Blob) request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.responseType = 'json';
    request.upload.onprogress = (event) => told(event.lengthComputable && event.total ? event.loaded / event.total : 0);
    request.onload = () => resolve({ status: request.status, body: request.response as unknown });
    request.onerror = () => reject(OFFLINE);
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'));
    stop.addEventListener('abort', () => request.abort(), { once: true });
    request.send(body);
  });
}

/** Post a body and return the answer's; throws the Problem that the server described. */
export async function sendUpload(path: string, body: FormData | Blob, options: UploadOptions): Promise<unknown> {
  const stale = session.token();
  let answer = await send(path, body, options);
  if (answer.status === 401 && (await session.renew(stale))) answer = await send(path, body, options);
  if (answer.status < 200 || answer.status > 299) throw toProblem(answer.status, answer.body);
  return answer.body;
}
