/** Longest time, in milliseconds, that work made of promises alone may keep everything else waiting. */
const longest = 40;
let last = 0;

/**
 * Lets timers, signals and input have their turn when they have waited for a while. A loop that awaits only what is
 * ready at once never leaves the microtask queue: without this, Ctrl-C would not reach it.
 */
export function breathe(): Promise<void> | undefined {
  const now = performance.now();
  if (now - last < longest) return undefined;
  return new Promise((resolve) => {
    setTimeout(() => {
      last = performance.now();
      resolve();
    }, 0);
  });
}
