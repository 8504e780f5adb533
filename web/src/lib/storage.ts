/** What a person's browser remembers, by person, so that two people at one machine do not mix. Never secrets. */

function key(owner: string, name: string): string {
  return `outcry.${owner}.${name}`;
}

export function recall<T>(owner: string, name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(key(owner, name));
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}

export function remember(owner: string, name: string, value: unknown): void {
  try {
    if (value === null || value === '') localStorage.removeItem(key(owner, name));
    else localStorage.setItem(key(owner, name), JSON.stringify(value));
  } catch {
    // Full or forbidden storage: nothing is remembered.
  }
}
