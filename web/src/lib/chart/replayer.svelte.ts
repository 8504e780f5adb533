/** Bar replay on a chart: keeps its state, and steps by itself while it plays. */
import { atEnd, REPLAY_OFF, startAt, step, type ReplayState } from './replay';

/** The chart that it plays on. */
export interface Played {
  /** The opens of all bars that are loaded, oldest first. */
  times(): number[];
  /** Show no bar after this one; null shows all. */
  cutAt(time: number | null): void;
}

export class Replayer {
  state = $state.raw<ReplayState>(REPLAY_OFF);
  #played: () => Played | null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(played: () => Played | null) {
    this.#played = played;
  }

  get on(): boolean {
    return this.state.mode === 'on';
  }

  times(): number[] {
    return this.#played()?.times() ?? [];
  }

  choose(): void {
    this.#set({ ...this.state, mode: 'choosing', cut: null, playing: false });
  }

  startAt(time: number): void {
    this.#set(startAt(this.state, this.times(), time));
  }

  startBack(bars: number): void {
    const times = this.times();
    this.startAt(times[Math.max(0, times.length - 1 - bars)] ?? 0);
  }

  step(by: number): void {
    this.#set({ ...step(this.state, this.times(), by), playing: this.state.playing && by > 0 });
  }

  play(): void {
    if (!this.on || atEnd(this.state, this.times())) return;
    this.#set({ ...this.state, playing: !this.state.playing });
  }

  setSpeed(speed: number): void {
    this.#set({ ...this.state, speed });
  }

  end(): void {
    this.#set({ ...REPLAY_OFF, speed: this.state.speed });
  }

  #set(next: ReplayState): void {
    const paced = next.playing !== this.state.playing || next.speed !== this.state.speed;
    this.state = next;
    this.#played()?.cutAt(next.mode === 'on' ? next.cut : null);
    if (!paced) return;
    clearInterval(this.#timer);
    if (next.playing) this.#timer = setInterval(() => this.#advance(), 1000 / next.speed);
  }

  #advance(): void {
    this.#set(step(this.state, this.times(), 1));
  }
}
