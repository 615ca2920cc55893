import type { ProgramContext } from '../program.js';

/** Shows no more than so many warnings (-1: all) and says at the end how many there were. */
export function limited(
  context: ProgramContext,
  most: number,
): { readonly warn: (text: string) => void; readonly close: () => void } {
  let count = 0;
  return {
    warn: (text) => {
      if (most < 0 || ++count <= most) context.warn(text);
    },
    close: () => {
      if (most >= 0 && count > most) context.warn(`Of ${count} parse warnings, ${most} were reported.`);
    },
  };
}
