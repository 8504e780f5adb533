/** News of the review queue, for who looks after a room. */
class Reviews {
  /** Grows whenever something was reported or decided. */
  told = $state(0);
}

export const reviews = new Reviews();
