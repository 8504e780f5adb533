import { expect, test } from 'vitest';
import { isCommand, unescape, usageOf } from './slash.svelte';

test('a line is a command when it begins with one word after a slash', () => {
  for (const text of ['/help', '/chart AAPL 1d', '/Chart aapl']) expect(isCommand(text)).toBe(true);
  for (const text of ['/etc/hosts', '/ help', 'a /help', '/1', '/help\nme', '']) expect(isCommand(text)).toBe(false);
});

test('a space or a second slash makes a message of it', () => {
  for (const text of [' /help', '//help', '//chart AAPL']) expect(isCommand(text)).toBe(false);
  expect([' /help', '//help', '//chart AAPL 1d', '// a comment', '/etc//hosts'].map(unescape)).toEqual([
    '/help',
    '/help',
    '/chart AAPL 1d',
    '// a comment',
    '/etc//hosts',
  ]);
});

test('how a command is written', () => {
  const argument = { name: 'symbol', help: '', example: 'AAPL', required: true };
  const command = {
    name: 'chart',
    help: '',
    arguments: [argument, { ...argument, name: 'timeframe', required: false }],
  };
  expect(usageOf(command)).toBe('/chart symbol [timeframe]');
});
