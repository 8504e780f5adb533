/** What the links of messages lead to, as the server found it: pictures come from it, and never from the page. */
import { api, call } from '$lib/api/client';
import type { LinkPreview, Message } from '$lib/api/types';

// The pictures that were seen on this page: an <img> cannot send the access token.
const seen = new Map<string, Promise<string>>();
const MOST_SEEN = 100;

function asAddress(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error('The picture cannot be read.'));
    reader.readAsDataURL(blob);
  });
}

function pathOf(message: Message, preview: LinkPreview) {
  return { room_id: message.room_id, message_id: message.id, preview_id: preview.id };
}

/** The picture of a preview, as an address that an <img> takes. */
export function pictureOf(message: Message, preview: LinkPreview): Promise<string> {
  const key = `${message.id} ${preview.id}`;
  const known = seen.get(key);
  if (known) return known;
  const where = '/api/v1/rooms/{room_id}/messages/{message_id}/previews/{preview_id}/picture';
  const params = { path: pathOf(message, preview) };
  const found = call(api.GET(where, { params, parseAs: 'blob' })).then((blob) => asAddress(blob as unknown as Blob));
  seen.set(key, found);
  found.catch(() => seen.delete(key));
  for (const old of [...seen.keys()].slice(0, Math.max(0, seen.size - MOST_SEEN))) seen.delete(old);
  return found;
}

export function removePreview(message: Message, preview: LinkPreview): Promise<Message> {
  const where = '/api/v1/rooms/{room_id}/messages/{message_id}/previews/{preview_id}';
  return call(api.DELETE(where, { params: { path: pathOf(message, preview) } }));
}

/** The server that a link names, for people. */
export function hostOf(url: string): string {
  try {
    return new URL(url).hostname.replace(/^www\./, '');
  } catch {
    return '';
  }
}

export function previewSetting(): Promise<{ enabled: boolean }> {
  return call(api.GET('/api/v1/link-previews'));
}

export function setPreviews(enabled: boolean): Promise<{ enabled: boolean }> {
  return call(api.PUT('/api/v1/link-previews', { body: { enabled } }));
}
