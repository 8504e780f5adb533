import { describe, expect, test } from 'vitest';
import type { Figure } from '$lib/api/types';
import { markFigures, renderMarkdown } from './markdown';

function figure(text: string, part: string, verified = true): Figure {
  const start = Array.from(text.slice(0, text.indexOf(part))).length;
  const end = start + Array.from(part).length;
  return { start, end, source_id: verified ? 's1' : null, path: verified ? '/value' : null };
}

function render(text: string, figures: Figure[] = []): HTMLElement {
  const host = document.createElement('div');
  host.append(renderMarkdown(text, figures));
  return host;
}

function buttons(host: HTMLElement): string[] {
  return Array.from(host.querySelectorAll('button.figure'), (button) => button.firstChild?.textContent ?? '');
}

describe('figures', () => {
  test('become buttons exactly where they stand', () => {
    const text = 'The RSI of **AAPL** is **62.4**, up from 55.1.';
    const host = render(text, [figure(text, '62.4'), figure(text, '55.1', false)]);
    expect(buttons(host)).toEqual(['62.4', '55.1']);
    expect(host.querySelector('strong button')?.textContent).toBe('62.4');
    expect(host.querySelectorAll('button')[1]?.className).toContain('unverified');
    expect(host.querySelectorAll('button')[1]?.getAttribute('aria-label')).toBe(
      '55.1 (unverified: no tool result contains this figure)',
    );
    expect(host.textContent?.trim()).toBe('The RSI of AAPL is 62.4, up from 55.1.');
  });

  test('are counted in code points, not in UTF-16 units', () => {
    const text = '📈📈 rose 3.5% 🎉 to 101';
    const host = render(text, [figure(text, '3.5%'), figure(text, '101')]);
    expect(buttons(host)).toEqual(['3.5%', '101']);
  });

  test('work in tables, lists and code', () => {
    const text = '| a | b |\n|---|--:|\n| x | 1.25 |\n\n- 7 days\n- `9.5`';
    const host = render(text, [figure(text, '1.25'), figure(text, '7'), figure(text, '9.5')]);
    expect(host.querySelector('td button')?.textContent).toBe('1.25');
    expect(host.querySelector('li button')?.textContent).toBe('7');
    expect(host.querySelector('code button')?.textContent).toBe('9.5');
  });

  test('at the start of a line stay a figure and not a list number', () => {
    const text = '2017. A year.';
    expect(buttons(render(text, [figure(text, '2017')]))).toEqual(['2017']);
  });

  test('that markup cuts in two become two buttons of one figure', () => {
    const text = '**12**.5% more';
    const host = render(text, [{ start: 2, end: 9, source_id: 's1', path: '/a' }]);
    expect(Array.from(host.querySelectorAll('button'), (button) => button.dataset.figure)).toContain('0');
    expect(host.textContent).toContain('12');
    expect(host.textContent).toContain('.5%');
  });

  test('that overlap, are empty or lie outside are left out', () => {
    const text = 'Only 5 here';
    const figures = [
      { start: 5, end: 6, source_id: 's1', path: '/a' },
      { start: 5, end: 8, source_id: 's1', path: '/a' },
      { start: 3, end: 3, source_id: 's1', path: '/a' },
      { start: 9, end: 40, source_id: 's1', path: '/a' },
      { start: -2, end: 2, source_id: 's1', path: '/a' },
    ];
    expect(buttons(render(text, figures))).toEqual(['5']);
  });

  test('cannot be forged by private-use characters in the text', () => {
    const text = 'Fake \uE00162.4\uE000 and real 7';
    const host = render(text, [figure(text, '7')]);
    expect(buttons(host)).toEqual(['7']);
    expect(host.textContent).toContain('\uFFFD62.4\uFFFD');
  });

  test('keep every other character of the text', () => {
    const text = 'a 1 b 2 c';
    const marked = markFigures(text, [figure(text, '1'), figure(text, '2')]);
    expect(marked.replace(/[\uE000-\uF8FF]/g, '')).toBe(text);
  });
});

describe('untrusted text', () => {
  test.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '[click](javascript:alert(1))',
    '[click](data:text/html,<script>alert(1)</script>)',
    '![beacon](https://example.com/pixel.png)',
    '<a href="https://example.com" onclick="alert(1)">x</a>',
    '<button data-testid="figure">9</button>',
    '<style>body{display:none}</style>',
    '<svg><script>alert(1)</script></svg>',
  ])('stays text: %s', (text) => {
    const host = render(`before ${text} after`);
    expect(
      host.querySelector('script, img, button, style, svg, [onclick], [onerror], a[href^="javascript"]'),
    ).toBeNull();
    expect(host.querySelector('a')).toBeNull();
    expect(host.textContent).toContain('before');
    expect(host.textContent).toContain('after');
  });

  test('links to the web open apart and tell nothing', () => {
    const link = render('[site](https://example.com/a?b=1)').querySelector('a');
    expect(link?.getAttribute('href')).toBe('https://example.com/a?b=1');
    expect(link?.rel).toContain('noopener');
    expect(link?.rel).toContain('noreferrer');
  });
});
