import type { EngineName, Precision } from '@jebena/engine';

/** The options of a program that say what computes. */
export const pickEngine = ({
  engine,
  precision,
  threads,
}: {
  engine: EngineName;
  precision: Precision;
  threads: number;
}): { engine: EngineName; precision: Precision; threads: number } => ({ engine, precision, threads });
