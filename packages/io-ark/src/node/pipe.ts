import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { KaldiIoError } from '../errors.js';
import type { ByteSink } from '../storage.js';
import { streamSink } from './stream-sink.js';

/** What a shell command writes. The command is stopped when the reader is; its failure is an error. */
export async function* readPipe(command: string): AsyncGenerator<Uint8Array> {
  const child = spawn('/bin/sh', ['-c', command], { stdio: ['inherit', 'pipe', 'inherit'] });
  const ended = exit(child);
  let whole = false;
  try {
    for await (const chunk of child.stdout) yield chunk as Uint8Array;
    whole = true;
  } finally {
    child.stdout.destroy();
    const status = await ended;
    // A command whose reader has left ends by SIGPIPE, which is as it should be.
    if (whole && status !== 0) failed(command, status);
  }
}

/** Gives a shell command what is written. */
export function writePipe(command: string): ByteSink {
  const child = spawn('/bin/sh', ['-c', command], { stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = exit(child);
  const sink = streamSink(child.stdin, command);
  return {
    write: sink.write,
    close: async () => {
      await sink.close();
      const status = await ended;
      if (status !== 0) failed(command, status);
    },
    abort: async () => {
      child.stdin.destroy();
      await ended;
    },
  };
}

async function exit(child: ReturnType<typeof spawn>): Promise<number | string> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return code ?? signal ?? 'unknown';
  } catch (error) {
    return (error as Error).message;
  }
}

const failed = (command: string, status: number | string): never => {
  throw new KaldiIoError('a command that ends well', `exit status ${status}`, { path: command });
};
