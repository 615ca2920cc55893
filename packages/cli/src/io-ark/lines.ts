import { readAll } from '@jebena/io-ark';
import { nodeStorage } from '@jebena/io-ark/node';

/** The lines of a text file, `-` or a command. */
export async function readLines(name: string): Promise<string[]> {
  const bytes = await readAll(nodeStorage({ allowPipes: true }).stream(name));
  const lines = new TextDecoder().decode(bytes).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
