/** Idempotency keys: a call that may have been done before its answer was lost is sent again, and done once. */

// What opens sessions or carries secrets takes no key: the server keeps none of its answers.
const ALONE = new RegExp(
  '^/api/v1/(ai/model-server|batch|files|imports|realtime|room-links|shares|auth/(' +
    'api-keys|confirm|email/confirm|factors|invitations|me/(email|erasure|export|password)|oidc|recover|refresh|' +
    'register|sign-in|sign-out|step-up|switch))(/|$)',
);
// A message carries an id of its own, by which the server knows it.
const MESSAGES = /^\/api\/v1\/rooms\/[^/]+\/messages$/;
// What is being moved is shown and not stored: the next move says where it is.
const DRAGS = /^\/api\/v1\/drawings\/[^/]+\/drag$/;
// A link is shown once, and an export is a stream.
const OF_ROOM = /^\/api\/v1\/rooms\/[^/]+\/(links|export)$/;
// Setting something twice sets it once.
const CHANGING = new Set(['POST', 'PATCH', 'DELETE']);

const PAUSE_MS = 1000;
const MOST_WAITS = 10;

/** Whether a call gets a key. */
export function takesKey(method: string, path: string): boolean {
  return (
    CHANGING.has(method) &&
    path.startsWith('/api/v1/') &&
    ![ALONE, MESSAGES, DRAGS, OF_ROOM].some((paths) => paths.test(path))
  );
}

/** A new key; it works without TLS too, where browsers make no UUIDs. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Give a request its key, if it takes one and has none. */
export function addKey(request: Request): Request {
  if (takesKey(request.method, new URL(request.url).pathname) && !request.headers.has('Idempotency-Key')) {
    request.headers.set('Idempotency-Key', newKey());
  }
  return request;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

async function inProgress(response: Response): Promise<boolean> {
  if (response.status !== 409) return false;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return (body as { code?: unknown } | null)?.code === 'idempotency_in_progress';
}

/**
 * Fetch. When the connection breaks under a request with a key, send it once more with the same one, and wait while the
 * server is still at the first.
 */
export async function fetchKeyed(request: Request): Promise<Response> {
  if (!request.headers.has('Idempotency-Key')) return fetch(request);
  const again = request.clone();
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
  }
  for (let waits = 1; ; waits += 1) {
    await pause();
    const response = await fetch(again.clone());
    if (waits === MOST_WAITS || !(await inProgress(response))) return response;
  }
}
