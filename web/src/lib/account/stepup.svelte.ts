/** The question "is it you?" before a sensitive act. One dialog for the page; acts that come meanwhile share it. */
import { useStepUp } from '$lib/api/client';

class StepUp {
  open = $state(false);
  #asking: Promise<boolean> | null = null;
  #answer: (confirmed: boolean) => void = () => undefined;

  constructor() {
    useStepUp(() => this.ask());
  }

  /** Resolves to whether the person has shown a factor. */
  ask(): Promise<boolean> {
    this.#asking ??= new Promise<boolean>((resolve) => {
      this.#answer = resolve;
      this.open = true;
    });
    return this.#asking;
  }

  settle(confirmed: boolean): void {
    this.open = false;
    this.#asking = null;
    this.#answer(confirmed);
  }
}

export const stepUp = new StepUp();
