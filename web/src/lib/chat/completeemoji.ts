/** Completes : to an emoji. */
import type { CompletionProvider } from './completion';
import { loadEmoji, searchEmoji } from './emoji';

export const emoji: CompletionProvider = {
  mark: ':',
  label: 'Emoji',
  least: 2,
  async find(word) {
    const found = searchEmoji(await loadEmoji(), word, 8);
    return found.map((each) => ({ insert: each.emoji, label: `${each.emoji} ${each.name}` }));
  },
};
