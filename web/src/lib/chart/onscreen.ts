/** Says when an element comes into sight and leaves it. */
import type { Attachment } from 'svelte/attachments';

export function onScreen(told: (inSight: boolean) => void, margin = '0px'): Attachment<HTMLElement> {
  return (node) => {
    const observer = new IntersectionObserver(
      (entries) => {
        const last = entries.at(-1);
        if (last) told(last.isIntersecting);
      },
      { rootMargin: margin },
    );
    observer.observe(node);
    return () => {
      observer.disconnect();
      told(false);
    };
  };
}
