import type { Descriptor } from './descriptor.js';

/** Where features come in. */
export interface InputNode {
  readonly kind: 'input';
  readonly name: string;
  readonly dim: number;
}

/** A component applied to what a descriptor gathers. */
export interface ComponentNode {
  readonly kind: 'component';
  readonly name: string;
  readonly component: string;
  readonly input: Descriptor;
}

/** Some columns of an input or a component node. */
export interface DimRangeNode {
  readonly kind: 'dim-range';
  readonly name: string;
  readonly of: string;
  readonly offset: number;
  readonly dim: number;
}

export type ObjectiveType = 'linear' | 'quadratic';

/** What comes out. */
export interface OutputNode {
  readonly kind: 'output';
  readonly name: string;
  readonly input: Descriptor;
  readonly objective: ObjectiveType;
}

export type NetworkNode = InputNode | ComponentNode | DimRangeNode | OutputNode;
