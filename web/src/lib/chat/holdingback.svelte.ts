/** What holds the reader back in the open room, and the time as long as something does. */
import type { Conversation } from './conversation.svelte';
import { heldBack, type Held } from './restraint';

const STEP_MS = 250;

export class HoldingBack {
  now = $state(Date.now());
  held = $derived.by((): Held | null => {
    const conversation = this.#conversation();
    if (!conversation) return null;
    const { room, members, messages } = conversation;
    return heldBack({ room, members, messages, me: this.#me() }, this.now);
  });
  #conversation: () => Conversation | null;
  #me: () => string;

  /** To be made while a component is. */
  constructor(conversation: () => Conversation | null, me: () => string) {
    this.#conversation = conversation;
    this.#me = me;
    // What was said just now is newer than the time of the last look.
    $effect(() => {
      void [conversation()?.messages, conversation()?.members, conversation()?.room];
      this.now = Date.now();
    });
    $effect(() => {
      if (!this.held?.until) return;
      const timer = setInterval(() => (this.now = Date.now()), STEP_MS);
      return () => clearInterval(timer);
    });
  }
}
