declare global {
  namespace App {
    interface PageState {
      switcher?: boolean;
    }
  }
}

export {};
