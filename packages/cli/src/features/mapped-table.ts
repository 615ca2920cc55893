import { type Holder, tokenHolder } from '@jebena/io-ark';
import { openTable } from '../io-ark/tables.js';
import type { ProgramContext } from '../program.js';

/** A table asked by utterance whose keys are utterances or, through utt2spk, speakers. */
export interface MappedTable<V> {
  get(utterance: string): Promise<V | undefined>;
  close(): Promise<void>;
}

/** @param utt2spk rspecifier of the map from utterance to speaker; '' where the table is by utterance */
export function mappedTable<V>(
  holder: Holder<V, never>,
  specifier: string,
  utt2spk: string,
  context: ProgramContext,
): MappedTable<V> {
  const table = openTable(holder, specifier, context);
  if (!utt2spk) return table;
  const speakers = openTable(tokenHolder, utt2spk, context);
  return {
    get: async (utterance) => {
      const speaker = await speakers.get(utterance);
      return speaker === undefined ? undefined : table.get(speaker);
    },
    close: async () => {
      await speakers.close();
      await table.close();
    },
  };
}
