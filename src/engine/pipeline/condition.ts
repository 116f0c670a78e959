import type { LoraNetworks } from '../lora/networks.js';
import type { OnNotice } from '../meaning.js';
import type { Model } from '../model.js';
import type { Networks } from '../networks.js';
import { Conditioner } from '../text/conditioning.js';
import { unknownNotice, unknownWords } from '../text/known-things.js';
import { type LoraTag, parsePrompt, plainText } from '../text/prompt.js';
import { textsOf } from '../text/texts.js';
import { unreadNotice } from '../text/unread.js';
import type { Engine } from './engine.js';

/**
 * An engine's `condition`: it loads the LoRAs that prompts name, says what in the prompts will not be as it was meant, and
 * encodes them.
 *
 * @param networks that run `painters`, perhaps for several requests at a time.
 */
export async function conditionWith(
  model: Model,
  networks: Networks,
  painters: Pick<LoraNetworks, 'model' | 'use'>,
): Promise<Engine['condition']> {
  let words = model.tokenizer;
  let conditioner = await Conditioner.open(model, networks);
  return async (plan, { signal, onNotice }) => {
    signal?.throwIfAborted();
    const parsed = plan.syntax === 'weighted' ? plan.prompts.map(parsePrompt) : [];
    const loras = once(parsed.map((prompt) => prompt.loras));
    for (const { tag, part } of parsed.flatMap(({ leftOut }) => leftOut)) onNotice?.(...leftOutNotice(tag, part));
    for (const text of await painters.use(loras)) onNotice?.(text, { code: 'loraParts', values: {} });
    // A LoRA may add words of its own.
    if (painters.model.tokenizer !== words) {
      conditioner = await Conditioner.open(painters.model, networks);
      words = painters.model.tokenizer;
    }
    signal?.throwIfAborted();
    for (const text of plan.syntax === 'weighted' ? new Set([...plan.prompts, ...plan.negatives]) : []) {
      const notice = unreadNotice(text);
      if (notice) onNotice?.(...notice);
    }
    const texts =
      plan.syntax === 'weighted'
        ? [...new Set(plan.prompts)]
            .flatMap((prompt) => textsOf(prompt, plan.pass))
            .map((text) => plainText(parsePrompt(text)))
        : plan.prompts;
    // A LoRA may also add the vectors of its words.
    const unknown = loras.length > 0 ? [] : unknownWords(model.card, texts.join(' \n'));
    if (unknown.length > 0) onNotice?.(...unknownNotice(model.card, unknown));
    return conditioner.condition({ ...plan, readsScale: readsScale(model) }, onNotice);
  };
}

/**
 * The pictures of a batch share their weights: a LoRA that several prompts name counts once, with the tags of the last of
 * these prompts.
 */
export function once(prompts: readonly (readonly LoraTag[])[]): LoraTag[] {
  const byName = new Map<string, readonly LoraTag[]>();
  for (const tags of prompts) {
    for (const { name } of tags) {
      byName.set(
        name,
        tags.filter((tag) => tag.name === name),
      );
    }
  }
  return [...byName.values()].flat();
}

function leftOutNotice(tag: string, part: string): Parameters<OnNotice> {
  const values = { tag: tag.slice(0, 80), part: part.slice(0, 40) };
  const text = `"${values.part}" in "${values.tag}" has no meaning here and was ignored; the LoRA is used without it.`;
  return [text, { code: 'loraTagPart', values }];
}

function readsScale(model: Model): boolean {
  return model.kind === 'weights' && model.unet.timeCondDim !== undefined;
}
