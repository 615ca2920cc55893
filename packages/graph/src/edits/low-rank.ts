import { type Matrix, matrix } from '@jebena/io-ark';
import { SingularValueDecomposition } from 'ml-matrix';
import { AffineComponent, NaturalGradientAffineComponent } from '../components/affine.js';
import { LinearComponent } from '../components/linear.js';
import { NetworkError } from '../errors.js';
import { renameNodes } from '../descriptor.js';
import { Network } from '../network.js';
import type { NetworkNode } from '../network-node.js';
import { namePattern } from './name-pattern.js';

interface Factors {
  /** rows x rank and rank x cols; both hold the root of the singular values. */
  readonly left: Matrix;
  readonly right: Matrix;
  readonly values: readonly number[];
}

function factorsOf({ rows, cols, data }: Matrix): (rank: number) => Factors {
  const lines = Array.from({ length: rows }, (_, r) => Array.from(data.subarray(r * cols, (r + 1) * cols)));
  const svd = new SingularValueDecomposition(lines, { autoTranspose: true });
  const values = svd.diagonal;
  const [left, right] = [svd.leftSingularVectors, svd.rightSingularVectors];
  return (rank) => {
    const a = matrix(rows, rank);
    const b = matrix(rank, cols);
    for (let k = 0; k < rank; k++) {
      const root = Math.sqrt(values[k]!);
      for (let r = 0; r < rows; r++) a.data[r * rank + k] = root * left.get(r, k);
      for (let c = 0; c < cols; c++) b.data[k * cols + c] = root * right.get(c, k);
    }
    return { left: a, right: b, values };
  };
}

type Log = (text: string) => void;
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Affine components of the pattern, and a line for those that are none or too small. */
function* candidates(
  network: Network,
  pattern: string,
  rank: number,
  what: string,
  log: Log,
): Generator<[string, AffineComponent]> {
  const matches = namePattern(pattern);
  for (const [name, component] of network.components) {
    if (!matches(name)) continue;
    if (!(component instanceof AffineComponent)) log(`Not ${what} component ${name} as it is not an AffineComponent.`);
    else if (Math.min(component.inputDim, component.outputDim) <= rank)
      log(
        `Not ${what} component ${name} with SVD to rank ${rank} because its dimension is ` +
          `${component.inputDim} -> ${component.outputDim}`,
      );
    else yield [name, component];
  }
}

/** Affine components brought to a lower rank, in their old shape. */
export function reduceRank(network: Network, pattern: string, rank: number, log: Log): Network {
  const changed = new Map<string, AffineComponent>();
  for (const [name, component] of candidates(network, pattern, rank, 'reducing rank of', log)) {
    const { left, right, values } = factorsOf(component.linear)(rank);
    const { rows, cols } = component.linear;
    const linear = matrix(rows, cols);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < cols; c++) {
        let total = 0;
        for (let k = 0; k < rank; k++) total += left.data[r * rank + k]! * right.data[k * cols + c]!;
        linear.data[r * cols + c] = total;
      }
    const [before, after] = [sum(values), sum(values.slice(0, rank))];
    log(
      `For component ${name} singular value sum changed by reduce-rank command ${before - after} (from ${before} to ${after})`,
    );
    changed.set(name, component.with({ linear }));
  }
  log(`Reduced rank of parameters of ${changed.size} components.`);
  return network.withComponents((component, name) => changed.get(name) ?? component);
}

export interface SvdOptions {
  readonly pattern: string;
  /** Rank of the two factors; or -1, and `energyThreshold` says which share of the squared values is kept. */
  readonly bottleneckDim: number;
  readonly energyThreshold: number;
  /** A component is left alone where its factors have more than this share of its parameters. */
  readonly shrinkageThreshold: number;
}

/**
 * Affine components split in two: a linear one of the bottleneck's dimension and an affine one, `NAME_a` and `NAME_b`,
 * and their nodes likewise. Kaldi lets the rank that one component's energy asks for decide which later ones are too
 * small; here each is looked at by itself.
 */
export function applySvd(network: Network, options: SvdOptions, log: Log): Network {
  const { energyThreshold: energy, shrinkageThreshold } = options;
  const parts = new Map<string, [LinearComponent, NaturalGradientAffineComponent]>();
  for (const [name, component] of candidates(network, options.pattern, options.bottleneckDim, 'decomposing', log)) {
    const { inputDim, outputDim } = component;
    const factors = factorsOf(component.linear);
    const squares = factors(0).values.map((value) => value * value);
    const rank = energy > 0 ? rankOfEnergy(squares, energy) : options.bottleneckDim;
    const ratio = (rank * (inputDim + outputDim)) / (inputDim * outputDim);
    if (ratio > shrinkageThreshold) {
      log(`Shrinkage ratio ${ratio} greater than threshold : ${shrinkageThreshold} Skipping SVD for this layer.`);
      continue;
    }
    for (const suffix of ['_a', '_b'])
      if (network.components.has(name + suffix))
        throw new NetworkError('ERR_NETWORK_NAME', `apply-svd: the name ${name}${suffix} is taken`, { name });
    const { left, right } = factors(rank);
    const [all, kept] = [sum(squares), sum(squares.slice(0, rank))];
    log(`For component ${name} singular value squared sum changed by ${all - kept} (from ${all} to ${kept})`);
    log(
      `For component ${name} dimension reduced from  (${inputDim},${outputDim}) to ` +
        `[(${inputDim},${rank}), (${rank},${outputDim})]`,
    );
    const { learningRate, learningRateFactor, maxChange, l2Regularize } = component;
    const learning = { learningRate, learningRateFactor, maxChange, l2Regularize };
    const ranks = (cols: number, rows: number) => ({
      rankIn: Math.min(20, (cols + 1) >> 1),
      rankOut: Math.min(80, (rows + 1) >> 1),
    });
    parts.set(name, [
      Object.assign(new LinearComponent(), { linear: right, ...learning, ...ranks(inputDim, rank) }),
      Object.assign(new NaturalGradientAffineComponent(), {
        linear: left,
        bias: component.bias,
        ...learning,
        ...ranks(rank, outputDim),
      }),
    ]);
  }
  log(`Decomposed ${parts.size} components with SVD dimension ${options.bottleneckDim}`);
  return parts.size === 0 ? network : splitNodes(network, parts);
}

function rankOfEnergy(squares: readonly number[], energy: number): number {
  const least = energy * sum(squares);
  let total = 0;
  for (const [k, square] of squares.entries()) {
    total += square;
    if (total >= least) return k + 1;
  }
  return squares.length;
}

function splitNodes(
  network: Network,
  parts: ReadonlyMap<string, [LinearComponent, NaturalGradientAffineComponent]>,
): Network {
  const split = new Set(
    network.nodes.flatMap((node) => (node.kind === 'component' && parts.has(node.component) ? [node.name] : [])),
  );
  const rename = (name: string): string => (split.has(name) ? `${name}_b` : name);
  const nodes = network.nodes.flatMap((node): NetworkNode[] => {
    if (node.kind === 'input') return [node];
    if (node.kind === 'dim-range') return [{ ...node, of: rename(node.of) }];
    const input = renameNodes(node.input, rename);
    if (node.kind === 'output' || !split.has(node.name)) return [{ ...node, input }];
    const [a, b] = [`${node.name}_a`, `${node.name}_b`];
    return [
      { kind: 'component', name: a, component: `${node.component}_a`, input },
      { kind: 'component', name: b, component: `${node.component}_b`, input: [{ kind: 'node', node: a, scale: 1 }] },
    ];
  });
  const components = new Map([...network.components].filter(([name]) => !parts.has(name)));
  for (const [name, [a, b]] of parts) components.set(`${name}_a`, a).set(`${name}_b`, b);
  return new Network(nodes, components);
}
