/** The colours of the theme that is on, for what is drawn on a canvas. */

export interface Colours {
  bg: string;
  line: string;
  lineStrong: string;
  text: string;
  text2: string;
  text3: string;
  accent: string;
  up: string;
  down: string;
  amber: string;
  raised: string;
}

export function readColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const get = (name: string): string => style.getPropertyValue(name).trim();
  return {
    bg: get('--bg'),
    line: get('--line'),
    lineStrong: get('--line-strong'),
    text: get('--text'),
    text2: get('--text-2'),
    text3: get('--text-3'),
    accent: get('--accent'),
    up: get('--up'),
    down: get('--down'),
    amber: get('--amber'),
    raised: get('--bg-raised'),
  };
}

/** Lines that are told apart without colour too: each has its own dash. */
export function lineColours(colours: Colours): string[] {
  return [colours.accent, colours.amber, colours.up, colours.down, colours.text2];
}
