import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[]) => ({ extends: true as const, test: { name, include } });

export default defineConfig({
  test: {
    // The native engine is a Node addon: it wants a process of its own, not a thread.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', './scripts/closing-line.mjs'],
    projects: [
      project('packages', ['packages/*/test/**/*.test.ts']),
      project('recipes', ['apps/*/**/test/**/*.test.ts']),
      project('whole', ['test/**/*.test.ts']),
    ],
  },
});
