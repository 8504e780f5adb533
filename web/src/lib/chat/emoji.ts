/** Emoji by their Unicode names, for choosing one. The list is loaded when it is asked for. */

export interface Emoji {
  emoji: string;
  name: string;
}

/** What people here mean most, shown before one types. */
export const COMMON = ['👍', '👎', '❤️', '😂', '🎉', '🚀', '👀', '🙏', '✅', '❌', '🔥', '💡', '📈', '📉', '💰', '🤔'];

/** Words by which an emoji is looked for and that are not in its name. */
const ALSO: Record<string, string> = {
  '👍': '+1 yes like thumbs',
  '👎': '-1 no dislike',
  '❤️': 'love red',
  '😂': 'lol laugh',
  '🎉': 'tada hooray',
  '🚀': 'moon launch',
  '📈': 'up bull rally chart',
  '📉': 'down bear crash chart',
  '✅': 'done ok tick',
  '👀': 'look',
  '🐂': 'bull',
  '🐻': 'bear',
};

let loaded: Promise<readonly Emoji[]> | null = null;

export function readEmoji(text: string): Emoji[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [emoji = '', ...words] = line.split(' ');
      return { emoji, name: words.join(' ') };
    });
}

export function loadEmoji(): Promise<readonly Emoji[]> {
  loaded ??= import('./emojinames.txt?raw').then((file) => readEmoji(file.default));
  return loaded;
}

/** Those whose words begin with what was typed; the common ones when nothing was. */
export function searchEmoji(all: readonly Emoji[], typed: string, most = 64): Emoji[] {
  const wanted = typed
    .toLowerCase()
    .split(/[\s_]+/)
    .filter(Boolean);
  const rank = (each: Emoji): number => {
    const common = COMMON.indexOf(each.emoji);
    return common < 0 ? COMMON.length : common;
  };
  const fits = (each: Emoji): boolean => {
    if (wanted.length === 0) return COMMON.includes(each.emoji);
    const words = `${each.name} ${ALSO[each.emoji] ?? ''}`.split(/[\s-]+/);
    return wanted.every((part) => words.some((word) => word.startsWith(part)));
  };
  return all
    .filter(fits)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, most);
}
