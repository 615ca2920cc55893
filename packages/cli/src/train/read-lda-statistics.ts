import { type LdaStatistics, ldaStatisticsHolder } from '@jebena/train';
import { readObject } from '../io-ark/tables.js';

/** Statistics of several files added up. */
export async function readLdaStatistics(files: readonly string[]): Promise<LdaStatistics> {
  const total = await readObject(ldaStatisticsHolder, files[0]!);
  for (const file of files.slice(1)) total.merge(await readObject(ldaStatisticsHolder, file));
  return total;
}
