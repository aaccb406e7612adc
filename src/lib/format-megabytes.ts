/** Bytes in whole decimal megabytes, for messages: 1,020 MB. What is less than one, but something, is 1 MB. */
export function formatMegabytes(bytes: number): string {
  const megabytes = bytes > 0 ? Math.max(1, Math.round(bytes / 1e6)) : 0;
  return `${megabytes.toLocaleString('en-US')} MB`;
}
