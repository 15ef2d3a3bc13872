/**
 * A read that may hang, one at a time: while a disk hangs, those who ask come and go, and each would keep one of the few
 * threads that everything else needs as well. Who asks beside a read under way waits for the next one: what the first one
 * tells may be of before they asked (a server that has stopped since).
 */
export function oneAtATime<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null;
  let next: Promise<T> | null = null;

  function begin(): Promise<T> {
    const reading = read().finally(() => (running = null));
    running = reading;
    return reading;
  }

  return () => {
    if (running === null) return begin();
    next ??= running
      .catch(() => null)
      .then(() => {
        next = null;
        return running ?? begin();
      });
    return next;
  };
}
