import { readLines as linesOf } from '@jebena/io-ark';
import { nodeStorage } from '@jebena/io-ark/node';

/** The lines of a text file, of standard input (`-`) or of a command. */
export async function readLines(name: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const [line] of linesOf(nodeStorage({ allowPipes: true }).stream(name), name)) lines.push(line);
  return lines;
}
