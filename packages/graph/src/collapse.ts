import { type Matrix, matrix } from '@jebena/io-ark';
import type { Component } from './component.js';
import { AffineComponent } from './components/affine.js';
import { BatchNormComponent } from './components/batch-norm.js';
import { FixedAffineComponent } from './components/fixed-affine.js';
import { FixedBiasComponent, FixedScaleComponent } from './components/fixed-scale.js';
import { GeneralDropoutComponent } from './components/general-dropout.js';
import { LinearComponent } from './components/linear.js';
import { NoOpComponent } from './components/no-op.js';
import { RectifiedLinearComponent } from './components/rectified-linear.js';
import { TdnnComponent } from './components/tdnn.js';
import { type Descriptor, renameNodes, type SumDescriptor, visitNodes } from './descriptor.js';
import type { Network } from './network.js';
import type { ComponentNode, NetworkNode } from './network-node.js';

type AffineLike = AffineComponent | FixedAffineComponent | LinearComponent | TdnnComponent;

const isAffine = (c: Component | undefined): c is AffineLike =>
  c instanceof AffineComponent ||
  c instanceof FixedAffineComponent ||
  c instanceof LinearComponent ||
  c instanceof TdnnComponent;

/** What passes its input on as it is when the network is not being trained. */
const isIdentity = (c: Component): boolean => c instanceof NoOpComponent || c instanceof GeneralDropoutComponent;

/** y = scale * x + offset, or undefined. */
function diagonal(c: Component): { scale: Float32Array; offset: Float32Array } | undefined {
  const dim = c.outputDim;
  const spread = (block: ArrayLike<number>): Float32Array =>
    Float32Array.from({ length: dim }, (_, i) => block[i % block.length]!);
  if (c instanceof BatchNormComponent && c.count > 0) {
    const scale = Float32Array.from(c.variance, (v) => c.targetRms / Math.sqrt(v + c.epsilon));
    return { scale: spread(scale), offset: spread(c.mean.map((m, i) => -m * scale[i]!)) };
  }
  if (c instanceof FixedScaleComponent) return { scale: c.scales, offset: new Float32Array(dim) };
  if (c instanceof FixedBiasComponent) return { scale: new Float32Array(dim).fill(1), offset: c.bias };
  return undefined;
}

/** The same affine with each output multiplied and then moved. */
function scaledRows(c: AffineLike, scale: Float32Array, offset: Float32Array): Component {
  const { linear } = c;
  const data = linear.data.map((v, i) => v * scale[Math.floor(i / linear.cols)]!);
  const before = 'bias' in c && c.bias.length ? c.bias : new Float32Array(linear.rows);
  const bias = before.map((b, i) => b * scale[i]! + offset[i]!);
  const moved = 'bias' in c ? c.bias.length > 0 || offset.some((o) => o !== 0) : offset.some((o) => o !== 0);
  return withAffine(c, { ...linear, data }, moved ? bias : undefined);
}

/** The same affine for inputs that lack `offset`: it goes into the bias. */
function movedInput(c: AffineLike, offset: Float32Array): Component {
  const { linear } = c;
  const bias = 'bias' in c && c.bias.length ? c.bias.slice() : new Float32Array(linear.rows);
  for (let r = 0; r < linear.rows; r++) {
    let sum = 0;
    for (let i = 0; i < linear.cols; i++) sum += linear.data[r * linear.cols + i]! * offset[i % offset.length]!;
    bias[r]! += sum;
  }
  return withAffine(c, linear, bias);
}

function withAffine(c: AffineLike, linear: Matrix, bias: Float32Array | undefined): Component {
  if (!(c instanceof LinearComponent)) return (c as Component).with({ linear, ...(bias ? { bias } : {}) } as object);
  return bias ? Object.assign(new AffineComponent(), { linear, bias }) : c.with({ linear });
}

/** W2 (W1 x + b1) + b2 in one. */
function product(first: FixedAffineComponent, second: AffineLike): Component {
  const a = first.linear;
  const b = second.linear;
  const linear = matrix(b.rows, a.cols);
  for (let r = 0; r < b.rows; r++)
    for (let k = 0; k < b.cols; k++) {
      const by = b.data[r * b.cols + k]!;
      for (let i = 0; i < a.cols; i++) linear.data[r * a.cols + i]! += by * a.data[k * a.cols + i]!;
    }
  const moved = movedInput(second, first.bias) as AffineLike;
  return withAffine(moved, linear, (moved as AffineComponent).bias);
}

/**
 * Folds what follows or precedes an affine into it: batch norm, fixed scales and offsets, fixed affines. A scale
 * above 0 goes back through a ReLU into the affine before it; what is added after the ReLU goes on, through sums
 * and shifts in time, into the biases of all that read it. So a TDNN-F becomes a chain of products.
 */
export class Collapser {
  private readonly nodes: Map<string, NetworkNode>;
  private readonly components: Map<string, Component>;

  constructor(private readonly network: Network) {
    this.nodes = new Map(network.nodes.map((n) => [n.name, n]));
    this.components = new Map(network.components);
  }

  collapse(): Network {
    for (const name of this.nodes.keys()) {
      const node = this.nodes.get(name);
      if (node?.kind !== 'component') continue;
      const fold = diagonal(this.components.get(node.component)!);
      if (fold) this.foldDiagonal(node, fold.scale, fold.offset);
      else this.foldFixed(node);
    }
    const used = new Set([...this.nodes.values()].map((n) => (n.kind === 'component' ? n.component : '')));
    const components = new Map([...this.components].filter(([name]) => used.has(name)));
    return this.network.rebuilt([...this.nodes.values()], components);
  }

  private readers(name: string): NetworkNode[] {
    return [...this.nodes.values()].filter((node) => {
      if (node.kind === 'dim-range') return node.of === name;
      let found = false;
      if ('input' in node) visitNodes(node.input, (source) => (found ||= source === name));
      return found;
    });
  }

  /** The node that a descriptor consists of, if it does. */
  private sole(d: Descriptor): ComponentNode | undefined {
    const [part] = d;
    if (d.length !== 1 || part!.kind !== 'node' || part!.scale !== 1) return undefined;
    const node = this.nodes.get(part!.node);
    return node?.kind === 'component' ? node : undefined;
  }

  /** A component that one node alone uses, and so may be changed. */
  private own(node: ComponentNode): Component | undefined {
    let users = 0;
    for (const n of this.nodes.values()) if (n.kind === 'component' && n.component === node.component) users++;
    return users === 1 ? this.components.get(node.component) : undefined;
  }

  private readBy(node: ComponentNode, reader: ComponentNode): boolean {
    const readers = this.readers(node.name);
    return readers.length === 1 && readers[0] === reader;
  }

  private foldDiagonal(node: ComponentNode, scale: Float32Array, offset: Float32Array): void {
    const before = this.sole(node.input);
    if (!before || !this.readBy(before, node)) return;
    const own = this.own(before);
    if (isAffine(own)) {
      this.components.set(before.component, scaledRows(own, scale, offset));
      this.replace(node.name, before.name);
      return;
    }
    if (!(this.components.get(before.component) instanceof RectifiedLinearComponent)) return;
    const affine = this.sole(before.input);
    const weights = affine && this.readBy(affine, before) ? this.own(affine) : undefined;
    if (!isAffine(weights) || !scale.every((s) => s > 0)) return;
    const absorb = this.absorbers(node.name, offset);
    if (!absorb) return;
    for (const change of absorb) change();
    this.components.set(affine!.component, scaledRows(weights, scale, new Float32Array(scale.length)));
    this.replace(node.name, before.name);
  }

  /** Folds a fixed affine into the affine that alone reads it. */
  private foldFixed(node: ComponentNode): void {
    const first = this.components.get(node.component);
    const [reader, other] = this.readers(node.name);
    if (!(first instanceof FixedAffineComponent) || other || reader?.kind !== 'component') return;
    const second = this.own(reader);
    if (!isAffine(second) || second instanceof TdnnComponent || this.sole(reader.input) !== node) return;
    // Not where it makes more work: a narrow transform in between is cheaper left as it is.
    const [rows, inner, cols] = [second.linear.rows, first.linear.rows, first.linear.cols];
    if (rows * cols > rows * inner + inner * cols) return;
    this.components.set(reader.component, product(first, second));
    this.nodes.set(reader.name, { ...reader, input: node.input });
    this.nodes.delete(node.name);
  }

  private replace(name: string, by: string): void {
    this.nodes.delete(name);
    for (const [key, node] of this.nodes) {
      if (node.kind === 'dim-range' && node.of === name) this.nodes.set(key, { ...node, of: by });
      if ('input' in node)
        this.nodes.set(key, { ...node, input: renameNodes(node.input, (n) => (n === name ? by : n)) });
    }
  }

  /** The changes that make up for `offset` missing from a node; undefined where a reader cannot take it in. */
  private absorbers(name: string, offset: Float32Array): (() => void)[] | undefined {
    const changes: (() => void)[] = [];
    for (const reader of this.readers(name)) {
      if (reader.kind !== 'component') return undefined;
      const lacking = this.lacking(reader.input, name, offset);
      if (!lacking) return undefined;
      const component = this.components.get(reader.component)!;
      if (isIdentity(component)) {
        const further = this.absorbers(reader.name, lacking);
        if (!further) return undefined;
        changes.push(...further);
      } else if (isAffine(component) && this.own(reader)) {
        changes.push(() => {
          const now = this.components.get(reader.component) as AffineLike;
          this.components.set(reader.component, movedInput(now, lacking));
        });
      } else return undefined;
    }
    return changes;
  }

  /** What an input lacks when a node lacks `offset`; undefined where that differs from row to row. */
  private lacking(d: Descriptor, name: string, offset: Float32Array): Float32Array | undefined {
    const parts: number[] = [];
    for (const part of d) {
      const dim = this.network.partDim(part);
      const found = this.lackingPart(part, name, offset, dim);
      if (!found) return undefined;
      parts.push(...found);
    }
    return Float32Array.from(parts);
  }

  private lackingPart(d: SumDescriptor, name: string, offset: Float32Array, dim: number): Float32Array | undefined {
    switch (d.kind) {
      case 'node':
        return d.node === name ? offset.map((o) => d.scale * o) : new Float32Array(dim);
      case 'offset':
      case 'round':
      case 'replace':
        return this.lackingPart(d.of, name, offset, dim);
      case 'sum': {
        const a = this.lackingPart(d.a, name, offset, dim);
        const b = this.lackingPart(d.b, name, offset, dim);
        return a && b?.map((v, i) => v + a[i]!);
      }
      default: {
        let reads = false;
        visitNodes([d], (source) => (reads ||= source === name));
        return reads ? undefined : new Float32Array(dim);
      }
    }
  }
}
