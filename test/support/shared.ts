import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'vitest';

/** The folder of reference material (Kaldi's own output, real speech), where a checkout has one beside it. */
export const sharedDir: string = resolve(import.meta.dirname, '../../../shared');

/** A path inside it. */
export const shared = (...parts: string[]): string => join(sharedDir, ...parts);

/** `test`, skipped with a reason in its name where the reference material is absent. */
export const testShared: typeof test = (
  existsSync(sharedDir)
    ? test
    : (name: string, ...rest: unknown[]) => (test.skip as (...a: unknown[]) => void)(`${name} (no ../shared)`, ...rest)
) as typeof test;
