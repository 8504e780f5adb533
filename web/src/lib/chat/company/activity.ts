/** Says whether somebody uses this page: here, or idle after five minutes without input. */

export const IDLE_AFTER_MS = 5 * 60_000;
const INPUT = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

export type DeviceState = 'here' | 'idle';

/**
 * Watch the page's input. `say` is called with each change; the returned `repeat` says the present state again, which a
 * new connection needs.
 */
export function watchActivity(page: Document, say: (state: DeviceState) => void): { repeat(): void; stop(): void } {
  let state: DeviceState = page.visibilityState === 'visible' ? 'here' : 'idle';
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastAt = -Infinity;

  function change(to: DeviceState): void {
    if (state === to) return;
    state = to;
    say(to);
  }

  function input(): void {
    // A pointer that moves is a hundred inputs a second.
    const now = Date.now();
    if (state === 'here' && now - lastAt < 1000) return;
    lastAt = now;
    clearTimeout(timer);
    timer = setTimeout(() => change('idle'), IDLE_AFTER_MS);
    change('here');
  }

  function seen(): void {
    if (page.visibilityState === 'visible') input();
  }

  for (const name of INPUT) page.addEventListener(name, input, { passive: true });
  page.addEventListener('visibilitychange', seen);
  seen();
  return {
    repeat: () => say(state),
    stop: () => {
      clearTimeout(timer);
      for (const name of INPUT) page.removeEventListener(name, input);
      page.removeEventListener('visibilitychange', seen);
    },
  };
}
