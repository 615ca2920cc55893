/** What is wrong where a layer can only read a node and is given a descriptor. */
export const nodeOnly = (type: string, input: string): string | undefined =>
  input.includes('(') ? `${type} reads a node, not a descriptor; put a no-op-component before it: ${input}` : undefined;
