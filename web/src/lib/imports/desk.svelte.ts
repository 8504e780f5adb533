/** The work on the page of imports: files that are chosen are tried first, then imported. */
import { api, call } from '$lib/api/client';
import { describe } from '$lib/api/problem';
import type { Import } from '$lib/api/types';
import type { RealtimeClient } from '$lib/realtime/client';
import { NOTHING_SAID, upload, type Said } from './upload';

export type Step = 'choose' | 'sending' | 'working' | 'tried' | 'done';

const LOOK_EVERY = 1500;

export class ImportDesk {
  step = $state<Step>('choose');
  files = $state.raw<File[]>([]);
  said = $state<Said>({ ...NOTHING_SAID });
  /** How much of the files has gone out, then how much of them is read: 0 to 1. */
  share = $state(0);
  report = $state.raw<Import | null>(null);
  failure = $state('');
  #client: RealtimeClient;
  #stop = new AbortController();

  constructor(client: RealtimeClient) {
    this.#client = client;
  }

  get busy(): boolean {
    return this.step === 'sending' || this.step === 'working';
  }

  /** Take these files in place of those before, and try them. */
  choose(files: File[]): void {
    if (files.length === 0 || this.busy) return;
    this.files = files;
    this.said = { ...NOTHING_SAID };
    void this.run(true);
  }

  clear(): void {
    this.#stop.abort();
    this.step = 'choose';
    this.files = [];
    this.report = null;
    this.failure = '';
  }

  /** Upload and wait for the end; a dry run says what would happen. Resolves to whether it came to its end. */
  async run(dryRun: boolean): Promise<boolean> {
    if (this.busy) return false;
    this.#stop = new AbortController();
    const stop = this.#stop.signal;
    this.step = 'sending';
    this.share = 0;
    this.failure = '';
    try {
      const told = (share: number) => (this.share = share);
      const begun = await upload(this.files, this.said, { dryRun, told, stop });
      this.step = 'working';
      this.share = 0;
      this.report = await this.#over(begun, stop);
      if (this.report.status !== 'done') this.failure = this.report.problem || 'The import was cut short. Try again.';
      this.step = dryRun || this.failure ? 'tried' : 'done';
      return !this.failure;
    } catch (error) {
      if (stop.aborted) return false;
      this.failure = describe(error);
      this.step = this.report ? 'tried' : 'choose';
      return false;
    }
  }

  /** Follow an import by its topic, and look now and then in case news of it got lost. */
  #over(begun: Import, stop: AbortSignal): Promise<Import> {
    return new Promise((resolve, reject) => {
      const look = async (): Promise<void> => {
        try {
          const params = { path: { import_id: begun.id } };
          const seen = await call(api.GET('/api/v1/imports/{import_id}', { params }));
          this.#show(seen);
          if (seen.finished_at) end(() => resolve(seen));
        } catch (error) {
          end(() => reject(error as Error));
        }
      };
      const timer = setInterval(() => void look(), LOOK_EVERY);
      const unfollow = this.#client.follow(`job:${begun.id}`, 'latest', {
        onUpdate: (news) => {
          const state = news as Pick<Import, 'status' | 'file' | 'file_count' | 'fraction'>;
          this.#show(state);
          if (state.status !== 'running') void look();
        },
      });
      const end = (settle: () => void): void => {
        clearInterval(timer);
        unfollow();
        settle();
      };
      stop.addEventListener('abort', () => end(() => reject(new DOMException('stopped', 'AbortError'))), {
        once: true,
      });
      void look();
    });
  }

  #show(state: Pick<Import, 'file' | 'file_count' | 'fraction'>): void {
    if (state.file > 0) this.share = Math.max(this.share, (state.file - 1 + state.fraction) / state.file_count);
  }
}
