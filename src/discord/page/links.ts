const LINK = /^https?:\/\/[^/\s]+\/attachments\/(\d+)\/(\d+)\/\S*$/;

/** The channel and file in an attachment's address, whatever its signature. */
export function fileOf(url: string): { channel: string; file: string } | null {
  const [, channel, file] = LINK.exec(url) ?? [];
  return channel && file ? { channel, file } : null;
}

/** The address of a file anywhere in a message: attachments, embeds, components. */
export function linkTo(file: string, part: unknown): string | undefined {
  if (typeof part === 'string') return fileOf(part)?.file === file ? part : undefined;
  if (typeof part !== 'object' || part === null) return undefined;
  for (const inner of Object.values(part)) {
    const found = linkTo(file, inner);
    if (found) return found;
  }
  return undefined;
}
