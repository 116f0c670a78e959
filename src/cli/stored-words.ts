import { readMetadata } from '../engine/image/metadata.js';

interface Words {
  /** True where the option was given without a value. */
  prompt?: string | boolean;
  negative: string;
}

/** What was typed; where no prompt was, the prompts that are stored in the picture, which may be none. */
export async function withStoredWords<T extends Words>(
  args: T,
  picture: Uint8Array,
): Promise<T & { prompt: NonNullable<T['prompt']> | string }> {
  const { prompt, negative } = args;
  if (prompt !== undefined) return { ...args, prompt };
  const made = await readMetadata(picture);
  return { ...args, prompt: made?.prompt ?? '', negative: negative || (made?.negative ?? '') };
}
