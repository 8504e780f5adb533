/** "Are you sure?" before what cannot be undone. One dialog for the page, shown by components/Confirm.svelte. */
export interface Question {
  title: string;
  text: string;
  /** What the button that does it says. */
  action: string;
}

class Confirmation {
  question = $state.raw<Question | null>(null);
  #answer: (sure: boolean) => void = () => undefined;

  ask(question: Question): Promise<boolean> {
    this.settle(false);
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.question = question;
    });
  }

  settle(sure: boolean): void {
    this.question = null;
    this.#answer(sure);
    this.#answer = () => undefined;
  }
}

export const confirmation = new Confirmation();
