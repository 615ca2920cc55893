import { spawn } from 'node:child_process';

/** A command that set-up ran and that did not do its work. The message is one line. */
export class CommandError extends Error {
  readonly code = 'ERR_ENGINE_SETUP';
  override readonly name = 'CommandError';
}

/** Runs a command without a shell; resolves to what it printed. It is ended after `seconds`. */
export function command(name: string, args: readonly string[], seconds: number, env = process.env): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (out += String(data)));
    child.stderr.on('data', (data: Buffer) => (err = (err + String(data)).slice(-4000)));
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    child.on('error', (error) => reject(new CommandError(`${name}: ${error.message}`)));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(out);
      const lines = err.trim().split('\n').reverse();
      const last = lines.find((line) => /error|fatal/i.test(line)) ?? lines[0];
      const how = signal ? `ended after ${seconds} s` : `exit status ${code}`;
      reject(new CommandError(`${name} ${args[0] ?? ''}: ${how}${last ? `: ${last.slice(0, 200)}` : ''}`));
    });
  });
}
