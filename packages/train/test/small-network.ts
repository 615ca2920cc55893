import type { Minibatch } from '@jebena/egs';
import { Network } from '@jebena/graph';

/** A network of a hidden layer with batch norm, 3 inputs and 4 classes. */
export const smallNetwork = (seed: number): Network =>
  Network.fromConfig(
    `input-node name=input dim=3
component name=a type=AffineComponent input-dim=3 output-dim=6
component-node name=a component=a input=input
component name=relu type=RectifiedLinearComponent dim=6
component-node name=relu component=relu input=a
component name=norm type=BatchNormComponent dim=6
component-node name=norm component=norm input=relu
component name=b type=AffineComponent input-dim=6 output-dim=4
component-node name=b component=b input=norm
component name=log type=LogSoftmaxComponent dim=4
component-node name=log component=log input=b
output-node name=output input=log`,
    { seed },
  );

/** A minibatch of frames by a formula; the class is told by the first two inputs. */
export function smallMinibatch(index: number, rows = 16, mask?: Float32Array): Minibatch {
  const data = Float32Array.from({ length: rows * 3 }, (_, i) => Math.sin((i + 1) * 1.7 + index * 0.9));
  const labels = Int32Array.from(
    { length: rows },
    (_, r) => (data[3 * r]! > 0 ? 1 : 0) + (data[3 * r + 1]! > 0 ? 2 : 0),
  );
  const io = { first: 0, count: 1, stride: 1 };
  return {
    key: `merged-${index}-${rows}`,
    sequences: rows,
    inputs: [{ ...io, name: 'input', feats: { rows, cols: 3, data } }],
    outputs: [{ ...io, name: 'output', targets: { kind: 'labels', dim: 4, labels }, ...(mask && { weights: mask }) }],
  };
}
