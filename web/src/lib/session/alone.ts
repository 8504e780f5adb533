/** One tab at a time: tabs share one refresh cookie, which changes with each use. */

const LOCK = 'outcry.refresh';
const LEASE = 'outcry.refresh.lease';
/** A tab that vanished while it worked holds the others up no longer than this. */
const LEASE_MS = 5_000;
/** So long until what one tab stored is surely seen by the others. */
const SETTLE_MS = 40;

interface Lease {
  owner: string;
  until: number;
}

function read(): Lease | null {
  try {
    return JSON.parse(localStorage.getItem(LEASE) ?? 'null') as Lease | null;
  } catch {
    return null;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function take(owner: string): Promise<void> {
  for (;;) {
    const held = read();
    if (held === null || held.until < Date.now()) {
      localStorage.setItem(LEASE, JSON.stringify({ owner, until: Date.now() + LEASE_MS }));
      await pause(SETTLE_MS * (1 + Math.random()));
      if (read()?.owner === owner) return;
    }
    await pause(SETTLE_MS * Math.random());
  }
}

/** Do what no other tab does meanwhile. Browsers keep their locks from pages on plain http: a lease serves there. */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  if ('locks' in navigator) return (await navigator.locks.request(LOCK, work)) as T;
  const owner = `${Date.now()}.${Math.random()}`;
  const give = (): void => {
    if (read()?.owner === owner) localStorage.removeItem(LEASE);
  };
  try {
    await take(owner);
  } catch {
    // Storage is forbidden: the server takes tabs that refresh at the same moment, too.
    return work();
  }
  addEventListener('pagehide', give);
  try {
    return await work();
  } finally {
    removeEventListener('pagehide', give);
    give();
  }
}

/** Do what no other tab does meanwhile under this name; without the browser's locks, at least this one waits for nobody. */
export async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  return 'locks' in navigator ? ((await navigator.locks.request(name, work)) as T) : work();
}
