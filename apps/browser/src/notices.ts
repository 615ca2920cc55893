import { element } from './element.js';

/** Says in one line what went wrong; nothing takes it away. */
export function showError(error: unknown): void {
  const line = element('error');
  line.textContent = error instanceof Error ? error.message : String(error);
  line.hidden = false;
  line.scrollIntoView({ block: 'nearest' });
}

export const clearError = (): void => {
  element('error').hidden = true;
};

/** A module of one function on 128-bit numbers: valid where there is SIMD. */
const simd = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  5,
  1,
  96,
  0,
  1,
  123,
  3,
  2,
  1,
  0,
  10,
  10,
  1,
  8,
  0,
  65,
  0,
  253,
  15,
  253,
  98,
  11,
);

/** What this browser lacks, in one line; undefined where it lacks nothing. */
export function lacking(): string | undefined {
  if (typeof WebAssembly !== 'object')
    return 'This browser runs no WebAssembly: recognition works, at a fraction of the speed.';
  if (!WebAssembly.validate(simd))
    return 'This browser has no WebAssembly SIMD: recognition works, several times slower than it could.';
  return undefined;
}

/** Tells of what is lacking, once. */
export function showLacking(): void {
  const text = lacking();
  if (!text) return;
  element('notice').textContent = text;
  element('notice').hidden = false;
}
