import type { ComponentType } from './component.js';
import { knownTypes } from './component-types.js';
import { NetworkError } from './errors.js';
import { nnet3Components } from './nnet3-components.js';

registerComponent(...nnet3Components);

/**
 * Makes component types known by name, to configs and model files. Those of nnet3 are; call it for your own.
 *
 * @example
 * ```ts
 * class Swish extends Component { static readonly type = 'SwishComponent'; ... }
 * registerComponent(Swish);
 * ```
 */
export function registerComponent(...components: ComponentType[]): void {
  for (const component of components) knownTypes.set(component.type, component);
}

export function componentType(
  type: string,
  place: { line?: number | undefined; name?: string | undefined } = {},
): ComponentType {
  const found = knownTypes.get(type);
  if (!found)
    throw new NetworkError(
      'ERR_UNKNOWN_COMPONENT',
      `expected a known component type, found ${type}${nearest(type)}`,
      place,
    );
  return found;
}

function nearest(type: string): string {
  const wanted = type.toLowerCase().replace(/component$/, '');
  const like = [...knownTypes.keys()].find((t) => {
    const have = t.toLowerCase().replace(/component$/, '');
    return have.includes(wanted) || wanted.includes(have);
  });
  return like ? ` (did you mean ${like}?)` : '';
}
