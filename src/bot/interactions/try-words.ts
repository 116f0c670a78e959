import { type ChatInputCommandInteraction, MessageFlags } from 'discord.js';
import type { Config } from '../../config.js';
import { fitted } from '../delivery/texts.js';
import type { Ask } from '../intake/ask.js';
import { wildcardFillings } from '../intake/wildcards.js';
import { modelOf, type Offer } from '../models/models.js';
import type { PaintRequest } from '../request/paint-request.js';
import { withAlternatives } from '../request/varied.js';
import { type Filling, wildcardsIn } from '../request/wildcards.js';
import { cut } from '../text/cut.js';
import type { Translate } from '../text/i18n.js';
import { noticeText } from '../text/notice.js';
import { quote } from '../text/quote.js';
import { BlockedWords } from '../words/blocked-words.js';
import { checkWords, refusedIn } from '../words/check-words.js';

export type WordsNeeds = Offer & { readonly config: Pick<Config, 'dataDir'> };

/** Most words of wildcards that are tried. */
const MOST_TRIED = 2000;

/** Which entries of the list are in the prompt, and with which words of its wildcards. */
interface Found {
  readonly words: readonly string[];
  /** Empty where the prompt itself is refused, or nothing is. */
  readonly brought: readonly string[];
  readonly tried: number;
}

/**
 * Says what would happen to a prompt: which entries of the list are in it, with every alternative that it has and everything
 * that its wildcards may become, or what else would be wrong with it.
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
  const common = { kind: 'txt2img', negative: '', width: nativeSize, height: nativeSize, count: 1 } as const;
  const requestOf = (prompt: string) =>
    withAlternatives({ ...common, prompt, steps, scale, sampler, seed: 0, model: offered.name }, null);
  const request = requestOf(text);
  const blocked = new BlockedWords(rules.refused);
  const { fillings, notices } = await wildcardFillings(needs.config.dataDir, rules, text);
  const own = await refused(blocked, request);
  if (own.length === 0) await checkWords(offered, rules.refused, request);
  // A long list takes longer than Discord waits.
  if (wildcardsIn(text).length > 0) await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const found = own.length > 0 ? { words: own, brought: [], tried: 0 } : await foundWith(fillings, blocked, requestOf);
  const verdict = verdictOf(found, rules.refused.length, t);
  const more = [
    ...(found.tried === MOST_TRIED ? [t('settings.testSome', { limit: MOST_TRIED })] : []),
    ...notices.map((notice) => quote(noticeText(notice, t), 400)),
  ];
  const lines = more.map((line) => `-# ${line}`);
  const answer = { content: fitted(`${verdict}\n> ${quote(text, 600)}`, lines), allowedMentions: { parse: [] } };
  if (interaction.deferred) await interaction.editReply(answer);
  else await interaction.reply({ ...answer, flags: MessageFlags.Ephemeral });
}

function verdictOf({ words, brought, tried }: Found, count: number, t: Translate): string {
  const listed = (entries: readonly string[], limit: number) =>
    cut(entries.map((entry) => `"${quote(entry, 100)}"`).join(', '), limit);
  if (words.length === 0) return count > 0 ? t('settings.testAllowed', { count }) : t('settings.testNoWords');
  if (brought.length === tried) return t('settings.testRefused', { words: listed(words, 1000), count: words.length });
  return t('settings.testDepends', { words: listed(words, 400), entries: listed(brought, 600) });
}

async function refused(blocked: BlockedWords, request: PaintRequest): Promise<string[]> {
  const words: string[] = [];
  for await (const word of refusedIn(blocked, request)) words.push(word);
  return words;
}

async function foundWith(
  fillings: Iterable<Filling>,
  blocked: BlockedWords,
  requestOf: (prompt: string) => PaintRequest,
): Promise<Found> {
  const words = new Set<string>();
  const brought: string[] = [];
  let tried = 0;
  for (const { entry, prompt } of fillings) {
    tried++;
    const found = await refused(blocked, requestOf(prompt));
    for (const word of found) words.add(word);
    if (found.length > 0) brought.push(entry);
    if (tried === MOST_TRIED) break;
  }
  return { words: [...words], brought, tried };
}
