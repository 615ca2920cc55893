import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { test } from 'vitest';

/** Where Debian and its like put the browser; `JEBENA_CHROMIUM` names another. */
const candidates = [
  process.env['JEBENA_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = candidates.find((path) => path && existsSync(path));

/** Whether there is a browser. */
export const hasBrowser: boolean = executablePath !== undefined;

/** `test`, skipped with a reason in its name where there is no browser. */
export const testBrowser: typeof test = (
  executablePath
    ? test
    : (name: string, ...rest: unknown[]) => (test.skip as (...a: unknown[]) => void)(`${name} (no chromium)`, ...rest)
) as typeof test;

/** A headless browser that asks nothing of the network. */
export const openBrowser = (args: readonly string[] = []): Promise<Browser> =>
  chromium.launch({
    executablePath: executablePath!,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  });
