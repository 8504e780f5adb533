import { describe, expect, test } from 'vitest';
import { formatOf, linked, nextLine, pasteLink, prefix, wrap } from './editing';

describe('marks', () => {
  test('go around the selection, and away again', () => {
    const bold = wrap('a word here', 2, 6, '**');
    expect(bold).toEqual({ text: 'a **word** here', start: 4, end: 8 });
    expect(wrap(bold.text, bold.start, bold.end, '**')).toEqual({ text: 'a word here', start: 2, end: 6 });
  });

  test('with nothing selected leave the caret between them', () => {
    expect(wrap('', 0, 0, '`')).toEqual({ text: '``', start: 1, end: 1 });
  });

  test('begin each line of the selection, and go away again', () => {
    const list = prefix('one\ntwo\nthree', 1, 6, '- ');
    expect(list.text).toBe('- one\n- two\nthree');
    expect(prefix(list.text, 0, 10, '- ').text).toBe('one\ntwo\nthree');
  });
});

test('a link selects its address', () => {
  const { text, start, end } = linked('see this', 4, 8);
  expect(text).toBe('see [this](https://)');
  expect(text.slice(start, end)).toBe('https://');
});

test('an address pasted over words makes a link of them, and nothing else does', () => {
  expect(pasteLink('see this', 4, 8, 'https://a.b')?.text).toBe('see [this](https://a.b)');
  expect(pasteLink('see this', 4, 4, 'https://a.b')).toBeNull();
  expect(pasteLink('see this', 4, 8, 'two https://a.b')).toBeNull();
  expect(pasteLink('see this', 4, 8, 'javascript:alert(1)')).toBeNull();
});

test('a new line goes on with a list, and ends it after an empty item', () => {
  expect(nextLine('- one', 5)?.text).toBe('- one\n- ');
  expect(nextLine('9. nine', 7)?.text).toBe('9. nine\n10. ');
  expect(nextLine('- one\n- ', 8)).toEqual({ text: '- one\n', start: 6, end: 6 });
  expect(nextLine('plain', 5)).toBeNull();
});

test('shortcuts are told apart by the shift key, on any keyboard', () => {
  const press = (init: KeyboardEventInit) => formatOf(new KeyboardEvent('keydown', init))?.label;
  expect(press({ key: 'b', ctrlKey: true })).toBe('Bold');
  expect(press({ key: 'K', ctrlKey: true, shiftKey: true })).toBe('Link');
  expect(press({ key: 'k', ctrlKey: true })).toBeUndefined();
  expect(press({ key: '(', code: 'Digit8', metaKey: true, shiftKey: true })).toBe('List');
  expect(press({ key: 'b' })).toBeUndefined();
});
