import { readMetadata } from '../engine/image/metadata.js';

/** What was typed; where no prompt was, the prompts that are stored in the picture, which may be none. */
export async function withStoredWords<T extends { prompt?: string; negative: string }>(
  args: T,
  picture: Uint8Array,
): Promise<T & { prompt: string }> {
  const { prompt, negative } = args;
  if (prompt !== undefined) return { ...args, prompt };
  const made = await readMetadata(picture);
  return { ...args, prompt: made?.prompt ?? '', negative: negative || (made?.negative ?? '') };
}
