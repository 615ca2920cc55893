import type { Engine } from '../engine.js';
import { type Case, Check } from './check.js';
import { eigen } from './eigen.js';
import { elementwise } from './elementwise.js';
import { fused } from './fused.js';
import { layers } from './layers.js';
import { layout } from './layout.js';
import { lives } from './lives.js';
import { products } from './products.js';
import { rowwise } from './rowwise.js';

/** Every clause of the contract by name; each throws an Error that says what does not hold. */
export const engineCases: Readonly<Record<string, Case>> = {
  ...products,
  ...eigen,
  ...elementwise,
  ...rowwise,
  ...layout,
  ...fused,
  ...layers,
  ...lives,
};

/**
 * The contract of every engine, asserted: each operation against plain JavaScript in doubles, shapes that are
 * refused, who frees what.
 *
 * @throws Error naming the clause that does not hold
 */
export async function testEngine(make: () => Promise<Engine>): Promise<void> {
  const engine = await make();
  for (const [name, run] of Object.entries(engineCases)) await testCase(engine, name, run);
}

/** Runs one clause and frees what it made. */
export async function testCase(engine: Engine, name: string, run: Case): Promise<void> {
  const made = spyOn(engine);
  try {
    await run(new Check(made.engine));
  } catch (error) {
    throw new Error(`engine contract: ${name}: ${(error as Error).message}`, { cause: error });
  } finally {
    made.free();
  }
}

/** The engine with a memory of what it gave, so that a clause need not clean up after itself. */
function spyOn(engine: Engine): { engine: Engine; free: () => void } {
  const made: any[] = [];
  const spy = new Proxy(engine, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        const result: unknown = member.apply(target, args);
        for (const one of [result].flat())
          if (typeof one === 'object' && one !== null && 'handle' in one) made.push(one);
        return result;
      };
    },
  });
  return { engine: spy, free: () => engine.dispose(...made) };
}
