/** Short messages at the edge of the page, with at most one thing to do about them. */
export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
}

class Toasts {
  list = $state<Toast[]>([]);
  #next = 1;

  show(text: string, action?: Toast['action'], lasts = 7000): void {
    const id = this.#next++;
    this.list.push({ id, text, ...(action ? { action } : {}) });
    setTimeout(() => this.dismiss(id), lasts);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
