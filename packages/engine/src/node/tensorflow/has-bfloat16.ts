import { readFileSync } from 'node:fs';

/** Whether this CPU multiplies in bfloat16 (avx512_bf16 or AMX; on ARM, bf16): elsewhere mixed precision would be slower. */
export function hasBfloat16(cpuinfo = '/proc/cpuinfo'): boolean {
  try {
    return /^(flags|Features)\s*:.*\b(avx512_bf16|amx_bf16|bf16)\b/m.test(readFileSync(cpuinfo, 'utf8'));
  } catch {
    return false;
  }
}
