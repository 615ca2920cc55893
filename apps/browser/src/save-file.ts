/** Has the browser save a file. */
export function saveFile(content: string | Uint8Array, name: string, type: string): void {
  const link = document.createElement('a');
  const url = URL.createObjectURL(new Blob([content as BlobPart], { type }));
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
