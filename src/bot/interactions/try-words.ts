import { type ChatInputCommandInteraction, MessageFlags } from 'discord.js';
import type { Ask } from '../intake/ask.js';
import { modelOf, type Offer } from '../models/models.js';
import { withAlternatives } from '../request/varied.js';
import { cut } from '../text/cut.js';
import { quote } from '../text/quote.js';
import { checkWords, refusedIn } from '../words/check-words.js';

export type WordsNeeds = Offer;

/**
 * Says what would happen to a prompt: which entries of the server's list are in it, with every alternative it has, or what
 * else would be wrong with it.
 *
 * @throws Refusal or RequestError, as a request with this prompt would.
 */
export async function tryWords(
  needs: WordsNeeds,
  { interaction, settings, t }: Ask<ChatInputCommandInteraction>,
  text: string,
): Promise<void> {
  const rules = await settings();
  const offered = modelOf(needs, null, rules);
  const { nativeSize, steps, scale, sampler } = offered.model.card;
  const plain = { kind: 'txt2img', prompt: text, negative: '', width: nativeSize, height: nativeSize } as const;
  const request = withAlternatives({ ...plain, count: 1, steps, scale, sampler, seed: 0, model: offered.name }, null);
  const found: string[] = [];
  for await (const word of refusedIn(rules.refused, request)) found.push(`"${quote(word, 100)}"`);
  if (found.length === 0) await checkWords(offered, rules.refused, request);
  const verdict =
    found.length > 0
      ? t('settings.testRefused', { words: cut(found.join(', '), 1000), count: found.length })
      : rules.refused.length > 0
        ? t('settings.testAllowed', { count: rules.refused.length })
        : t('settings.testNoWords');
  await interaction.reply({
    content: `${verdict}\n> ${quote(text, 600)}`,
    flags: MessageFlags.Ephemeral,
    allowedMentions: { parse: [] },
  });
}
