/** Light, dark, or as the system has it. `static/theme.js` sets the same before the first paint. */
export type ThemeChoice = 'light' | 'dark' | 'system';

const KEY = 'outcry.theme';
const CHOICES: ThemeChoice[] = ['system', 'light', 'dark'];

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(KEY);
    return CHOICES.find((choice) => choice === value) ?? 'system';
  } catch {
    return 'system';
  }
}

class Theme {
  choice = $state<ThemeChoice>('system');
  #system = $state(false);
  dark = $derived(this.choice === 'system' ? this.#system : this.choice === 'dark');

  start(): void {
    this.choice = stored();
    const query = matchMedia('(prefers-color-scheme: dark)');
    this.#system = query.matches;
    query.addEventListener('change', (event) => {
      this.#system = event.matches;
      this.#apply();
    });
    this.#apply();
  }

  set(choice: ThemeChoice): void {
    this.choice = choice;
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // Storage may be forbidden: the choice then holds for this page only.
    }
    this.#apply();
  }

  /** The next choice in the order system, light, dark. */
  cycle(): void {
    this.set(CHOICES[(CHOICES.indexOf(this.choice) + 1) % CHOICES.length] ?? 'system');
  }

  #apply(): void {
    document.documentElement.dataset.theme = this.dark ? 'dark' : 'light';
  }
}

export const theme = new Theme();
