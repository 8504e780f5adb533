declare global {
  namespace App {
    interface PageState {
      switcher?: boolean;
      /** The open section of the panel beside a room. */
      section?: string;
    }
  }
}

export {};
