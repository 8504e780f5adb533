/** What the frame around the pages shows: the drawer of narrow screens, and the quick switcher. */
class Shell {
  drawer = $state(false);
  switcher = $state(false);
}

export const shell = new Shell();
