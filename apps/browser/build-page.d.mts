/** What stands in the page's folder. */
export interface BuiltPage {
  readonly out: string;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly gzipped: number }[];
  readonly hasModel: boolean;
}
export function buildPage(options?: { readonly out?: string; readonly model?: string }): Promise<BuiltPage>;
