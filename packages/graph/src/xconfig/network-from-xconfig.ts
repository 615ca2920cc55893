import { Network } from '../network.js';
import type { ConfigOptions } from '../network-config.js';
import { type XconfigOptions, xconfigToConfigs } from './configs.js';

/**
 * Builds a network straight from an xconfig. Matrix files that follow from the xconfig itself (the inverse DCT of an
 * idct-layer) need not exist; others (LDA) are asked of `file`.
 *
 * @example
 * ```ts
 * const network = networkFromXconfig('input name=input dim=40\noutput-layer name=output dim=120', { seed: 1 });
 * ```
 * @throws XconfigError for the xconfig, NetworkError for what it stands for
 */
export function networkFromXconfig(xconfig: string, options: XconfigOptions & ConfigOptions = {}): Network {
  const { final, files } = xconfigToConfigs(xconfig, options);
  const file = (path: string): Uint8Array => {
    if (Object.hasOwn(files, path)) return new TextEncoder().encode(files[path]!);
    if (!options.file) throw new Error(`expected a way to read files (option file) for '${path}', found none`);
    return options.file(path);
  };
  return Network.fromConfig(final, { ...options, file });
}
