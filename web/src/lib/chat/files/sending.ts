/** Files to and from the server: what is being added in each room, and the bytes of what was posted. */
import { api, call } from '$lib/api/client';
import type { MessageFile, RoomFile } from '$lib/api/types';
import { sendUpload } from '$lib/api/uploading';
import type { MessageExtra } from '$lib/chat/outgoing';
import { download } from '$lib/download';
import { Attaching } from './attaching.svelte';

const MOST_KEPT = 200;
// An <img> cannot send the access token: thumbnails are fetched, and those that were seen last are kept.
const thumbnails = new Map<string, Promise<string>>();
const rooms = new Map<string, Attaching>();

/** What is being added to the next message of a room; it stays while one looks at another. */
export function attachingOf(roomId: string): Attaching {
  const known = rooms.get(roomId) ?? new Attaching(optionsOf(roomId));
  rooms.set(roomId, known);
  return known;
}

function optionsOf(roomId: string) {
  return {
    upload: async (file: File, options: Parameters<typeof sendUpload>[2]) => {
      const query = new URLSearchParams({ room_id: roomId, name: file.name });
      return (await sendUpload(`/api/v1/files?${query.toString()}`, file, options)) as MessageFile;
    },
    discard: async (file: MessageFile) => {
      await call(api.DELETE('/api/v1/files/{file_id}', { params: { path: { file_id: file.id } } }));
    },
    preview: (file: File) => (/^image\/(png|jpeg|gif|webp)$/.test(file.type) ? URL.createObjectURL(file) : ''),
    release: (preview: string) => URL.revokeObjectURL(preview),
  };
}

/** The further fields of a message that takes these files along. */
export function asExtra(files: readonly MessageFile[]): MessageExtra {
  return files.length > 0 ? { file_ids: files.map((file) => file.id) } : {};
}

type BytesPath = '/api/v1/files/{file_id}' | '/api/v1/files/{file_id}/thumbnail' | '/api/v1/holds/files/{file_id}';

function fetchBytes(path: BytesPath, id: string): Promise<Blob> {
  return call(api.GET(path, { params: { path: { file_id: id } }, parseAs: 'blob' })) as Promise<Blob>;
}

/** The address of a picture drawn smaller. */
export function thumbnail(id: string): Promise<string> {
  const known = thumbnails.get(id) ?? fetchBytes('/api/v1/files/{file_id}/thumbnail', id).then(URL.createObjectURL);
  thumbnails.delete(id);
  thumbnails.set(id, known);
  known.catch(() => thumbnails.delete(id));
  const [oldest] = thumbnails.keys();
  if (thumbnails.size > MOST_KEPT && oldest) {
    // What is on the screen stays there.
    void thumbnails.get(oldest)?.then(URL.revokeObjectURL, () => undefined);
    thumbnails.delete(oldest);
  }
  return known;
}

export function bytesOf(file: MessageFile): Promise<Blob> {
  return fetchBytes('/api/v1/files/{file_id}', file.id);
}

export async function save(file: MessageFile): Promise<void> {
  download(await bytesOf(file), file.name);
}

/** Save a file whose message was taken away under a hold, for administrators; the audit log notes it. */
export async function saveHeld(file: MessageFile): Promise<void> {
  download(await fetchBytes('/api/v1/holds/files/{file_id}', file.id), file.name);
}

export async function listFiles(
  roomId: string,
  which: 'images' | 'others',
  cursor: string | null,
): Promise<{ items: RoomFile[]; next_cursor?: string | null }> {
  const path = { room_id: roomId };
  const query = { which, limit: 30, ...(cursor ? { cursor } : {}) };
  return call(api.GET('/api/v1/rooms/{room_id}/files', { params: { path, query } }));
}
