import { readFileSync } from 'node:fs';

/** Whether this CPU multiplies in bfloat16 (avx512_bf16 or AMX; on ARM, bf16): elsewhere mixed precision would be slower. */
export const hasBfloat16 = (cpuinfo = '/proc/cpuinfo'): boolean => has(/\b(avx512_bf16|amx_bf16|bf16)\b/, cpuinfo);

/** Whether this CPU has AMX, which libtensorflow's products make use of and ours do not. */
export const hasAmx = (cpuinfo = '/proc/cpuinfo'): boolean => has(/\bamx_bf16\b/, cpuinfo);

function has(flag: RegExp, cpuinfo: string): boolean {
  try {
    return flag.test(/^(flags|Features)\s*:.*$/m.exec(readFileSync(cpuinfo, 'utf8'))?.[0] ?? '');
  } catch {
    return false;
  }
}
