/**
 * An answer's Markdown as safe DOM nodes, with its figures turned into buttons.
 *
 * A figure is a range of code points in the raw text. The ranges are marked with private-use characters before the
 * Markdown is read, and the marks are replaced by buttons in the text nodes of the sanitised result: so no figure can
 * carry markup, and no markup can pretend to be a figure (private-use characters of the text itself are replaced first).
 */
import DOMPurify from 'dompurify';
import { Marked, type MarkedExtension, type Tokens } from 'marked';
import type { Figure, Mention } from '$lib/api/types';
import { mentionElement } from './mentioning';

const CLOSE = 0xe000;
const OPEN = 0xe001;
const LAST = 0xf8ff;
const PRIVATE_USE = /[\uE000-\uF8FF]/g;
const UNVERIFIED = 'unverified: no tool result contains this figure';
const MARKS = /([\uE000-\uF8FF])/;

const TAGS = [
  ...['p', 'br', 'strong', 'em', 'del', 'code', 'pre', 'ul', 'ol', 'li', 'blockquote', 'hr', 'a'],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
];

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

function isWebAddress(href: string): boolean {
  return /^https?:\/\//i.test(href);
}

const RULES = {
  renderer: {
    // Markup in an answer is shown as the text that it is.
    html: (token: Tokens.HTML | Tokens.Tag) => escape(token.text),
    // A picture would make the reader's browser call a stranger's server.
    image: (token: Tokens.Image) => escape(token.text || token.href),
    link(token: Tokens.Link) {
      const label = this.parser.parseInline(token.tokens);
      const href = token.href.replace(PRIVATE_USE, '');
      return isWebAddress(href) ? `<a href="${escape(href)}">${label}</a>` : label;
    },
  },
} satisfies MarkedExtension;

const ofAnswers = new Marked({ gfm: true, breaks: false, ...RULES });
// People press Enter where they want a new line.
const ofPeople = new Marked({ gfm: true, breaks: true, ...RULES });

/** Put a mark before and after each figure; the one before says which figure it is. */
export function markFigures(text: string, figures: readonly { start: number; end: number }[]): string {
  const points = Array.from(text.replace(PRIVATE_USE, '\uFFFD'));
  const order = figures.map((figure, index) => ({ ...figure, index })).sort((a, b) => a.start - b.start);
  const parts: string[] = [];
  let at = 0;
  for (const figure of order) {
    const fits = figure.start >= at && figure.end > figure.start && figure.end <= points.length;
    if (!fits || OPEN + figure.index > LAST) continue;
    parts.push(points.slice(at, figure.start).join(''), String.fromCharCode(OPEN + figure.index));
    parts.push(points.slice(figure.start, figure.end).join(''), String.fromCharCode(CLOSE));
    at = figure.end;
  }
  parts.push(points.slice(at).join(''));
  return parts.join('');
}

function figureButton(figure: Figure, index: number, text: string): HTMLElement {
  const button = document.createElement('button');
  const verified = Boolean(figure.source_id);
  button.type = 'button';
  button.className = verified ? 'figure' : 'figure unverified';
  button.dataset.figure = String(index);
  button.dataset.testid = 'figure';
  button.dataset.verified = String(verified);
  button.textContent = text;
  if (verified) {
    button.title = 'Show the data behind this figure';
  } else {
    button.title = UNVERIFIED;
    button.setAttribute('aria-label', `${text} (${UNVERIFIED})`);
  }
  return button;
}

type Make = (index: number, words: string) => HTMLElement | null;

/** Replace the marks in all text nodes by elements; what markup cuts in two becomes two of them. */
function placeMarked(root: DocumentFragment, make: Make): void {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes: Text[] = [];
  while (walker.nextNode()) nodes.push(walker.currentNode as Text);
  let current: number | null = null;
  for (const node of nodes) {
    const pieces: (string | HTMLElement)[] = [];
    for (const piece of node.data.split(MARKS)) {
      const code = piece.length === 1 ? piece.charCodeAt(0) : 0;
      if (code === CLOSE) current = null;
      else if (code >= OPEN && code <= LAST) current = code - OPEN;
      else if (piece) {
        const element = current !== null && piece.trim() ? make(current, piece) : null;
        pieces.push(element ?? piece);
      }
    }
    node.replaceWith(...pieces);
  }
}

/** Wide tables scroll on their own instead of widening the page. */
function wrapTables(root: DocumentFragment): void {
  for (const table of root.querySelectorAll('table')) {
    const frame = document.createElement('div');
    frame.className = 'table-scroll';
    frame.tabIndex = 0;
    table.replaceWith(frame);
    frame.append(table);
  }
}

/**
 * Render an answer, or what a person wrote. While an answer streams, pass no figures. `me` is who reads: what names
 * them is shown so.
 */
export function renderMarkdown(
  text: string,
  figures: readonly Figure[] = [],
  byPerson = false,
  mentions: readonly Mention[] = [],
  me = '',
): DocumentFragment {
  const marked = markFigures(text, [...figures, ...mentions]);
  const html = (byPerson ? ofPeople : ofAnswers).parse(marked, { async: false });
  const root = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href', 'align', 'start'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const link of root.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer nofollow';
  }
  wrapTables(root);
  placeMarked(root, (index, words) => {
    const figure = figures[index];
    const mention = mentions[index - figures.length];
    if (figure) return figureButton(figure, index, words);
    return mention ? mentionElement(mention, words, me) : null;
  });
  return root;
}
