/** The picture that is looked at, among those beside it. */
import type { MessageFile } from '$lib/api/types';

class Gallery {
  files = $state.raw<readonly MessageFile[]>([]);
  index = $state(0);

  get shown(): MessageFile | null {
    return this.files[this.index] ?? null;
  }

  open(files: readonly MessageFile[], id: string): void {
    this.files = files;
    this.index = Math.max(
      0,
      files.findIndex((file) => file.id === id),
    );
  }

  close(): void {
    this.files = [];
  }

  /** Go on by so many; it ends at the ends. */
  step(by: number): void {
    this.index = Math.min(this.files.length - 1, Math.max(0, this.index + by));
  }
}

export const gallery = new Gallery();
