/** Questions that go over the socket, each waiting for the answer with its id. */
import { toProblem } from '$lib/api/problem';
import type { Calls, Control } from './frames';

/** What may be nothing may be left out. */
type Sent<Body> = { [Key in keyof Body as null extends Body[Key] ? never : Key]: Body[Key] } & {
  [Key in keyof Body as null extends Body[Key] ? Key : never]?: Body[Key];
};

export type CallBody<Name extends keyof Calls> = Sent<Calls[Name]['body']>;

/** No answer came: it may have been done or not. Ask again in a way that is done once. */
export class CallLost extends Error {
  constructor() {
    super('The connection was lost before the answer came.');
    this.name = 'CallLost';
  }
}

interface Waiting {
  resolve: (body: unknown) => void;
  reject: (error: Error) => void;
  timer: ReturnType<typeof setTimeout>;
}

type Answer = Extract<Control, { type: 'answer' }>;

function statusOf(problem: unknown): number {
  const status = (problem as { status?: unknown } | null)?.status;
  return typeof status === 'number' ? status : 500;
}

export class PendingCalls {
  #waiting = new Map<string, Waiting>();
  #next = 1;
  #patience: number;

  constructor(patienceMs = 10_000) {
    this.#patience = patienceMs;
  }

  /** Send a call; the promise is kept by `settle`, or broken by `lose` or when no answer comes. */
  begin(send: (frame: Record<string, unknown>) => void, name: string, body: object): Promise<unknown> {
    const id = String(this.#next++);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#take(id)?.reject(new CallLost()), this.#patience);
      this.#waiting.set(id, { resolve, reject, timer });
      send({ type: 'call', id, name, body });
    });
  }

  settle(answer: Answer): void {
    const waiting = this.#take(answer.id);
    if (answer.problem === undefined) waiting?.resolve(answer.body);
    else waiting?.reject(toProblem(statusOf(answer.problem), answer.problem));
  }

  /** The connection is gone: no answer will come to any of them. */
  lose(): void {
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(new CallLost());
  }

  #take(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    clearTimeout(waiting?.timer);
    this.#waiting.delete(id);
    return waiting;
  }
}
