/** Writes the config of a random network: components, descriptors, recurrences and dim ranges of all kinds. */
export function randomConfig(pick: (count: number) => number): string {
  const lines = ['input-node name=input dim=4'];
  const nodes: { name: string; dim: number }[] = [{ name: 'input', dim: 4 }];
  const one = <T>(of: readonly T[]): T => of[pick(of.length)]!;

  /** A source; only one that is not a node's first may be missing, or a recurrence would have no beginning. */
  const source = (dim: number, first: boolean): string => {
    const fitting = nodes.filter((n) => n.dim === dim);
    const { name } = one(fitting);
    switch (pick(first ? 7 : 8)) {
      case 0:
        return `Offset(${name}, ${pick(7) - 3})`;
      case 1:
        return `Round(${name}, 2)`;
      case 2:
        return `Scale(0.5, ${name})`;
      case 3:
        return `Switch(${name}, Offset(${name}, 1))`;
      case 4:
        return `Sum(${name}, Scale(-0.3, ${one(fitting).name}))`;
      case 5:
        return `Failover(Offset(${name}, -20), ${name})`;
      case 7:
        return `IfDefined(Offset(${name}, -${1 + pick(3)}))`;
      default:
        return name;
    }
  };

  const layers = 2 + pick(5);
  for (let i = 0; i < layers; i++) {
    const name = `n${i}`;
    const parts = [source(one(nodes).dim, true)];
    if (pick(2)) parts.push(source(one(nodes).dim, false));
    if (pick(5) === 0) parts.push('Const(0.7, 2)');
    let dim = 0;
    for (const part of parts) dim += dimOf(part, nodes);
    const input = parts.length === 1 ? parts[0]! : `Append(${parts.join(', ')})`;
    const out = 2 + pick(4);
    const recurrent = (component: string, more: number): void => {
      lines.push(`component name=${name}w type=${component} input-dim=${dim + more} output-dim=${out}`);
      lines.push(`component name=${name} type=TanhComponent dim=${out}`);
      const delay = (pick(2) ? -1 : 1) * (1 + pick(3));
      lines.push(
        `component-node name=${name}w component=${name}w input=Append(${input}, IfDefined(Offset(${name}, ${delay})))`,
      );
      lines.push(`component-node name=${name} component=${name} input=${name}w`);
    };
    switch (pick(9)) {
      case 0:
        lines.push(`component name=${name} type=SigmoidComponent dim=${dim}`);
        add(name, dim);
        break;
      case 1:
        lines.push(`component name=${name} type=BatchNormComponent dim=${dim}`);
        add(name, dim);
        break;
      case 2:
        lines.push(`component name=${name} type=NormalizeComponent dim=${dim} target-rms=0.7`);
        add(name, dim);
        break;
      case 3:
        lines.push(
          `component name=${name} type=TdnnComponent input-dim=${dim} output-dim=${out} time-offsets=${one(['-1,0,2', '0', '-3,3', '0,1'])}`,
        );
        add(name, out);
        break;
      case 4:
        lines.push(`component name=${name} type=LinearComponent input-dim=${dim} output-dim=${out}`);
        add(name, out);
        break;
      case 5:
        lines.push(
          `component name=${name} type=GeneralDropoutComponent dim=${dim} dropout-proportion=0.2 continuous=true`,
        );
        add(name, dim);
        break;
      case 6:
      case 7:
        recurrent(one(['NaturalGradientAffineComponent', 'LinearComponent', 'AffineComponent']), out);
        nodes.push({ name, dim: out });
        break;
      default:
        lines.push(`component name=${name} type=NaturalGradientAffineComponent input-dim=${dim} output-dim=${out}`);
        add(name, out);
    }
    const last = nodes.at(-1)!;
    if (last.dim > 2 && pick(3) === 0) {
      lines.push(`dim-range-node name=${name}r input-node=${name} dim-offset=1 dim=2`);
      nodes.push({ name: `${name}r`, dim: 2 });
    }

    function add(node: string, size: number): void {
      lines.push(`component-node name=${node} component=${node} input=${input}`);
      nodes.push({ name: node, dim: size });
    }
  }
  lines.push(`output-node name=output input=${nodes.at(-1)!.name}`);
  if (pick(2)) lines.push(`output-node name=output-aux input=Offset(${one(nodes).name}, 1) objective=quadratic`);
  return lines.join('\n');
}

function dimOf(part: string, nodes: readonly { name: string; dim: number }[]): number {
  if (part.startsWith('Const')) return 2;
  const name = /(?:^|[(, ])(input|n\d+r?)(?=[,) ]|$)/.exec(part)![1];
  return nodes.find((n) => n.name === name)!.dim;
}
