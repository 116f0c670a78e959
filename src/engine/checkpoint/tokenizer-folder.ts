import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CheckpointError } from '../errors.js';
import type { TokenizerFiles } from '../model.js';
import { readJson } from './json.js';

const id = z.int().nonnegative();
const pad = z.union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)]);
const decoder = z.record(z.string(), z.looseObject({ content: z.string(), special: z.boolean().optional() }));
const settingsJson = z.looseObject({
  model_max_length: z.number().min(2).optional(),
  pad_token: pad.nullish(),
  added_tokens_decoder: decoder.optional(),
});
const specialJson = z.looseObject({ pad_token: pad.nullish() });
const addedJson = z.record(z.string(), id);
const wholeJson = z.looseObject({
  added_tokens: z.array(z.looseObject({ id, content: z.string(), special: z.boolean().optional() })).default([]),
});

/** Textual inversion adds a few; each is looked for in every prompt. */
const MAX_ADDED = 10_000;

/**
 * The `tokenizer` folder of a diffusers model, as any version of transformers writes it: vocab.json and merges.txt, or since
 * version 5 tokenizer.json alone. A prompt's length is what the tokenizer was set to, not the text model's positions: the
 * rest may be untrained.
 *
 * @param path the model's folder.
 */
export async function readTokenizer(
  path: string,
  positions: number,
): Promise<{ tokenizer: TokenizerFiles; maxTokens: number }> {
  const folder = join(path, 'tokenizer');
  const file = (name: string) => (existsSync(join(folder, name)) ? join(folder, name) : undefined);
  const merges = file('merges.txt') ?? file('tokenizer.json');
  if (!merges) {
    throw new CheckpointError(
      `${folder}: there is neither a tokenizer.json nor a merges.txt. Take this folder from where the model was published.`,
    );
  }
  const [vocab, settingsFile, addedFile] = [
    file('vocab.json'),
    file('tokenizer_config.json'),
    file('added_tokens.json'),
  ];
  const settings = settingsFile ? await readJson(settingsFile, settingsJson) : {};
  const padToken = (await specialPad(file('special_tokens_map.json'), settings)) ?? settings.pad_token;
  const added = [
    ...(merges.endsWith('.json') ? (await readJson(merges, wholeJson)).added_tokens : []),
    ...Object.entries(settings.added_tokens_decoder ?? {}).map(([key, token]) => ({ ...token, id: Number(key) })),
    ...Object.entries(addedFile ? await readJson(addedFile, addedJson) : {}).map(([content, id]) => ({ content, id })),
  ];
  if (added.length > MAX_ADDED) {
    throw new CheckpointError(`${folder}: ${added.length} tokens were added to it, more than ${MAX_ADDED}.`);
  }
  const words = new Map(added.filter((token) => isWord(token, padToken)).map((token) => [token.content, [token.id]]));
  return {
    tokenizer: {
      merges,
      ...(vocab && !merges.endsWith('.json') && { vocab }),
      ...(padToken && { pad: padToken }),
      ...(words.size > 0 && { words }),
    },
    maxTokens: Math.min(positions, settings.model_max_length ?? positions),
  };
}

/**
 * Where the settings do not list the added tokens, as before transformers 4.34, special_tokens_map.json wins over them
 * (its tokenization_utils_base.py): in Stable Diffusion 2.x's folders only there is padding `!`.
 */
async function specialPad(file: string | undefined, { added_tokens_decoder: listed }: z.infer<typeof settingsJson>) {
  return file && !listed ? (await readJson(file, specialJson)).pad_token : undefined;
}

/** Begin, end and padding are listed among the added tokens, too; a prompt has no words for them. */
function isWord({ content, special }: { content: string; special?: boolean }, pad: string | null | undefined): boolean {
  return !special && content.trim() !== '' && content !== pad && !/^<\|(startoftext|endoftext)\|>$/.test(content);
}
