export declare function pythonWith(
  ...packages: string[]
): { python: string; skip?: never } | { python?: never; skip: string };
export declare function runPython(python: string, script: string, ...args: string[]): string;
