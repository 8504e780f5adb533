/** Shows that a person sits here, when the server asks for it: a widget of whoever the operator chose. */
import { Problem, type ChallengeAsked } from '$lib/api/problem';

/** Sent where the widget cannot be loaded: the server asks its maker, and goes on should that be down. */
export const UNAVAILABLE = 'unavailable';

export class Challenge {
  /** What to show; a new object each time the server asks. */
  asked = $state.raw<ChallengeAsked | null>(null);
  /** Whether what was solved, or sent in its place, was refused. */
  refused = $state(false);

  #response = '';

  /** The widget gave this. */
  solve(response: string): void {
    this.#response = response;
  }

  /** Do what the server may ask a challenge for. What was solved goes along, once. */
  async guard<T>(act: (solved: string) => Promise<T>): Promise<T> {
    const solved = this.#response;
    this.#response = '';
    try {
      const done = await act(solved);
      this.asked = null;
      return done;
    } catch (error) {
      this.asked = error instanceof Problem ? error.challenge : null;
      this.refused = error instanceof Problem && error.code === 'challenge_failed';
      throw error;
    }
  }
}

/** What both makers' scripts have, as their documentation describes it. */
interface WidgetApi {
  render(place: HTMLElement, options: Record<string, unknown>): string;
  remove(id: string): void;
}

const READY = 'outcryChallengeReady';
const WITHIN_MS = 10_000;
let loading: Promise<WidgetApi> | null = null;

/** Load the maker's script, once a page. It calls back when it is ready. */
function load(asked: ChallengeAsked): Promise<WidgetApi> {
  loading ??= new Promise<WidgetApi>((resolve, reject) => {
    const names = window as unknown as Record<string, unknown>;
    const script = document.createElement('script');
    const fail = (): void => {
      script.remove();
      loading = null;
      reject(new Error('The challenge cannot be loaded.'));
    };
    const late = setTimeout(fail, WITHIN_MS);
    names[READY] = () => {
      clearTimeout(late);
      resolve(names[asked.provider] as WidgetApi);
    };
    script.src = `${asked.script}&onload=${READY}`;
    script.async = true;
    script.onerror = () => {
      clearTimeout(late);
      fail();
    };
    document.head.append(script);
  });
  return loading;
}

/** Show the widget in `place`; returns how to take it away. `failed` is called when it cannot be shown. */
export function showWidget(
  place: HTMLElement,
  asked: ChallengeAsked,
  options: { dark: boolean; shown: () => void; solved: (response: string) => void; failed: () => void },
): () => void {
  let gone = false;
  let remove = (): void => undefined;
  load(asked)
    .then((api) => {
      if (gone) return;
      const id = api.render(place, {
        sitekey: asked.site_key,
        theme: options.dark ? 'dark' : 'light',
        size: place.clientWidth < 300 ? 'compact' : 'normal',
        callback: options.solved,
        'error-callback': options.failed,
      });
      remove = () => api.remove(id);
      options.shown();
    })
    .catch(() => {
      if (!gone) options.failed();
    });
  return () => {
    gone = true;
    remove();
  };
}
