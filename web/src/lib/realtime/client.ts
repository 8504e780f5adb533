/**
 * One socket for the whole page. It signs in with its first frame, subscribes again after every break from the last
 * position of each topic, and says nothing twice: offsets that were seen are skipped. Where one is missing, it asks for
 * all since the last one that it has; so a follower hears each of a log in order, or is told to read it anew.
 */
import { backoff } from './backoff';
import { CallLost, PendingCalls, type CallBody } from './calls';
import { readFrame, type Calls, type Control, type Position, type Update } from './frames';

export type LinkState = 'idle' | 'connecting' | 'open' | 'waiting';

export interface Follower {
  /** One thing that happened. `offset` counts up by one in a log topic. */
  onUpdate(data: unknown, offset: number): void;
  /** What was missed is gone: read the state anew. Updates from here on follow. */
  onReset?(position: Position): void;
  onError?(code: string, detail: string): void;
}

export interface RealtimeOptions {
  url: () => string;
  /** A ticket; `refused` says that the last one was. Null when nobody is signed in any more. */
  ticket: (refused: boolean) => Promise<string | null>;
  onState?: (state: LinkState) => void;
  /** Milliseconds between pings; a socket that stays silent for two of them is given up. */
  pingEvery?: number;
  /** Milliseconds within which an open socket must say something after the network was away. */
  answerWithin?: number;
  wait?: (attempt: number) => number;
}

/** A `log` misses nothing and counts its updates; of a `latest` only the newest state matters. */
export type TopicKind = 'log' | 'latest';

interface Topic {
  kind: TopicKind;
  followers: Set<Follower>;
  position: Position | null;
  /** An update is missing: `asked` for again, and `given` what there is from there on. */
  gap: 'none' | 'asked' | 'given';
}

const REFUSED = 4401;

export class RealtimeClient {
  #options: RealtimeOptions;
  #topics = new Map<string, Topic>();
  #socket: WebSocket | null = null;
  #state: LinkState = 'idle';
  #attempt = 0;
  #refused = false;
  #wanted = false;
  /** Until when the server asked to be left alone before it closed the socket: it was opened too often. */
  #notBefore = 0;
  #heardAt = 0;
  #pongsDue = 0;
  #calls = new PendingCalls();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setInterval> | undefined;
  #probing: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RealtimeOptions) {
    this.#options = options;
  }

  get state(): LinkState {
    return this.#state;
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    void this.#connect();
  }

  stop(): void {
    this.#wanted = false;
    clearTimeout(this.#retry);
    this.#drop();
    this.#topics.clear();
    this.#setState('idle');
  }

  /** The network came back, or the machine woke up: try at once, and find out whether an open socket still is one. */
  hurry(): void {
    if (this.#state === 'open') this.#probe();
    if (!this.#wanted || this.#state !== 'waiting' || Date.now() < this.#notBefore) return;
    clearTimeout(this.#retry);
    void this.#connect();
  }

  /** Send a new token on the socket that is open, so that a long session goes on. */
  renew(token: string): void {
    if (this.#state === 'open') this.#send({ type: 'auth', token });
  }

  /** Ask a service over the socket. Throws its Problem, or CallLost when there is no connection or it breaks. */
  call<Name extends keyof Calls>(name: Name, body: CallBody<Name>): Promise<Calls[Name]['answer']> {
    if (this.#state !== 'open') return Promise.reject(new CallLost());
    const answer = this.#calls.begin((frame) => this.#send(frame), name, body);
    return answer as Promise<Calls[Name]['answer']>;
  }

  /** Tell a service something that needs no answer, and that nobody misses when there is no connection. */
  signal<Name extends keyof Calls>(name: Name, body: CallBody<Name>): void {
    if (this.#state === 'open') this.#send({ type: 'call', name, body });
  }

  /** Follow a topic. For a log, `position` is where the state that the caller holds ends. */
  follow(name: string, kind: TopicKind, follower: Follower, position: Position | null = null): () => void {
    const known = this.#topics.get(name);
    const topic: Topic = known ?? { kind, followers: new Set<Follower>(), position, gap: 'none' };
    topic.followers.add(follower);
    if (!known) {
      this.#topics.set(name, topic);
      if (this.#state === 'open') this.#subscribe(name, topic);
    } else if (position) {
      // The one socket is elsewhere in this log already: begin again from where the one that is less far stands. The
      // other sees again what it has, which changes nothing.
      const behind = topic.position?.epoch === position.epoch && topic.position.offset < position.offset;
      if (!behind) topic.position = position;
      if (this.#state === 'open') this.#subscribe(name, topic);
    }
    return () => this.#unfollow(name, topic, follower);
  }

  #unfollow(name: string, topic: Topic, follower: Follower): void {
    topic.followers.delete(follower);
    if (topic.followers.size > 0 || this.#topics.get(name) !== topic) return;
    this.#topics.delete(name);
    if (this.#state === 'open') this.#send({ type: 'unsubscribe', topic: name });
  }

  async #connect(): Promise<void> {
    this.#setState('connecting');
    const ticket = await this.#options.ticket(this.#refused).catch(() => undefined);
    if (!this.#wanted) return;
    if (ticket === null) return this.stop();
    if (ticket === undefined) return this.#later();
    this.#refused = false;
    const socket = new WebSocket(this.#options.url());
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: 'auth', ticket }));
    socket.onmessage = (event) => this.#hear(socket, event.data);
    socket.onclose = (event) => this.#closed(socket, event.code);
  }

  #hear(socket: WebSocket, text: unknown): void {
    if (socket !== this.#socket) return;
    this.#heardAt = Date.now();
    const frame = readFrame(text);
    if (!frame) return;
    if ('updates' in frame) frame.updates.forEach((update) => this.#deliver(update));
    else this.#control(frame.control);
  }

  #control(control: Control): void {
    if (control.type === 'ready') this.#ready();
    else if (control.type === 'pong') this.#pongsDue = Math.max(0, this.#pongsDue - 1);
    else if (control.type === 'subscribed') this.#subscribed(control);
    else if (control.type === 'answer') this.#calls.settle(control);
    else if (control.type === 'error' && !control.topic) {
      this.#notBefore = Date.now() + (control.wait_s ?? 0) * 1000;
    } else if (control.type === 'error') {
      const followers = control.topic ? this.#topics.get(control.topic)?.followers : undefined;
      followers?.forEach((follower) => follower.onError?.(control.code, control.detail));
    }
  }

  #ready(): void {
    if (this.#state === 'open') return;
    this.#pongsDue = 0;
    this.#attempt = 0;
    this.#setState('open');
    for (const [name, topic] of this.#topics) this.#subscribe(name, topic);
    const every = this.#options.pingEvery ?? 20_000;
    clearInterval(this.#pulse);
    this.#pulse = setInterval(() => this.#beat(every), every);
  }

  #beat(every: number): void {
    const socket = this.#socket;
    if (!socket) return;
    if (Date.now() - this.#heardAt > every * 2) {
      this.#closed(socket, 0);
      socket.close();
    } else {
      // What came before a pong must be here by now; while one is due nothing can be said of where we are.
      this.#ping(this.#pongsDue > 0 ? {} : this.#positions());
    }
  }

  #ping(positions: Record<string, Position>): void {
    this.#pongsDue += 1;
    this.#send({ type: 'ping', positions });
  }

  #positions(): Record<string, Position> {
    const followed: [string, Position][] = [];
    for (const [name, topic] of this.#topics) {
      if (topic.kind === 'log' && topic.position) followed.push([name, topic.position]);
    }
    return Object.fromEntries(followed);
  }

  /** A socket that says nothing to a ping is dead, whatever its state says. */
  #probe(): void {
    const socket = this.#socket;
    const since = Date.now();
    this.#ping({});
    clearTimeout(this.#probing);
    this.#probing = setTimeout(() => {
      if (!socket || socket !== this.#socket || this.#heardAt >= since) return;
      this.#attempt = 0;
      this.#closed(socket, 0);
      this.hurry();
    }, this.#options.answerWithin ?? 4000);
  }

  #subscribe(name: string, topic: Topic): void {
    this.#send({ type: 'subscribe', topic: name, ...(topic.position ?? {}) });
  }

  #subscribed(control: Extract<Control, { type: 'subscribed' }>): void {
    const topic = this.#topics.get(control.topic);
    if (topic?.kind !== 'log') return;
    const { epoch, offset } = control;
    // Without a reset the missed updates follow, from the position that was asked for.
    const continues = !control.reset && topic.position?.epoch === epoch;
    topic.gap = topic.gap === 'asked' && continues ? 'given' : 'none';
    if (!continues) topic.position = { epoch, offset };
    if (control.reset) topic.followers.forEach((follower) => follower.onReset?.({ epoch, offset }));
  }

  #deliver(update: Update): void {
    const topic = this.#topics.get(update.topic);
    if (!topic) return;
    if (topic.kind === 'log' && topic.position && !this.#goOn(topic, topic.position, update)) return;
    topic.followers.forEach((follower) => follower.onUpdate(update.data, update.offset));
  }

  /** Whether this is the next update of a log; where one is missing, it is asked for. */
  #goOn(topic: Topic, position: Position, update: Update): boolean {
    if (update.offset <= position.offset) return false;
    if (update.offset > position.offset + 1) {
      if (topic.gap !== 'given') {
        if (topic.gap === 'none') this.#subscribe(update.topic, topic);
        topic.gap = 'asked';
        return false;
      }
      // It is nowhere any more: what it said can only be read from the state.
      topic.followers.forEach((follower) => follower.onReset?.({ ...position, offset: update.offset - 1 }));
    }
    topic.gap = 'none';
    topic.position = { ...position, offset: update.offset };
    return true;
  }

  #closed(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return;
    this.#drop();
    this.#refused = code === REFUSED;
    if (this.#wanted) this.#later();
  }

  #later(): void {
    this.#setState('waiting');
    const wait = Math.max((this.#options.wait ?? backoff)(this.#attempt), this.#notBefore - Date.now());
    this.#attempt += 1;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#connect(), wait);
  }

  #drop(): void {
    clearInterval(this.#pulse);
    clearTimeout(this.#probing);
    this.#calls.lose();
    for (const topic of this.#topics.values()) topic.gap = 'none';
    const socket = this.#socket;
    this.#socket = null;
    if (socket && socket.readyState <= 1) socket.close();
  }

  #send(message: Record<string, unknown>): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  #setState(state: LinkState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onState?.(state);
  }
}
