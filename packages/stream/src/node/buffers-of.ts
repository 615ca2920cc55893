/** The memory of all typed arrays in a value of plain objects and arrays: each buffer that is wholly one array's. */
export function buffersOf(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const shared = new Set<ArrayBuffer>();
  const visit = (one: unknown): void => {
    if (one === null || typeof one !== 'object') return;
    if (ArrayBuffer.isView(one)) {
      const { buffer, byteLength } = one;
      if (!(buffer instanceof ArrayBuffer)) return;
      // A view of something larger is copied: others may hold the rest.
      if (byteLength !== buffer.byteLength || found.has(buffer)) shared.add(buffer);
      found.add(buffer);
      return;
    }
    for (const part of Object.values(one)) visit(part);
  };
  visit(value);
  return [...found].filter((buffer) => !shared.has(buffer) && buffer.byteLength > 0);
}
