import { type AnySelectMenuInteraction, type ButtonInteraction, MessageFlags, Routes } from 'discord.js';
import type { ReadParameters } from '../../engine/image/metadata/parameters.js';
import { isFlagged } from '../delivery/flagged.js';
import type { CustomId } from '../gateway/custom-id.js';
import { isForbidden } from '../gateway/discord-errors.js';
import { withVeils } from '../gateway/veiled-file.js';
import type { Ask } from '../intake/ask.js';
import { filesOf, isSpoiler, type PictureNeeds } from '../intake/sources.js';
import { type SubmitNeeds, submit } from '../intake/submit.js';
import type { Offer } from '../models/models.js';
import { asOffered } from '../models/replaced.js';
import type { ModerationLog } from '../moderation/log.js';
import { checkPlace } from '../rules/place-rules.js';
import { type Found, type ResultRecord, withNewSeed } from '../storage/results.js';
import { Refusal } from '../text/refusal.js';
import { PATIENCE, sendFiles } from './files-button.js';
import { howMadeAnswer } from './how-made.js';
import { type MineNeeds, pageMessage, resultMessage } from './mine-message.js';
import { type MinePress, NONE, readMineId } from './mine-state.js';
import { messageOf, numbersOf } from './mine-tile.js';
import { visibleTo } from './mine-visible.js';
import { removeResult } from './remove-result.js';

type Needs = MineNeeds & PictureNeeds & SubmitNeeds & Offer & { readonly moderation: ModerationLog };
type Picked = Ask<ButtonInteraction | AnySelectMenuInteraction>;

/** Handles every button and the menu of /mine. */
export async function mine(needs: Needs, ask: Picked, id: CustomId<'mine'>): Promise<void> {
  const press = readMineId(id);
  const { op, view } = press;
  const turn = async (message: () => ReturnType<typeof pageMessage>) => {
    await ask.interaction.deferUpdate();
    await ask.interaction.editReply(withVeils(ask.interaction.webhook, await message()));
  };
  if (op === 'older' || op === 'newer' || op === 'other' || op === 'back') {
    return turn(() => pageMessage(needs, ask, view));
  }
  const found = await pressed(needs, ask, press);
  switch (op) {
    case 'again':
      return again(needs, ask, found);
    case 'files':
      checkPlace(await ask.settings(), ask.place);
      return sendFiles(needs, ask, found, () => messageOf(needs, found.record), await spoilerOf(needs, found.record));
    case 'how':
      return how(needs, ask, found);
    case 'sure':
      return turn(async () => {
        await removeOwn(needs, found);
        return pageMessage(needs, ask, view, ask.t('mine.deleted'));
      });
    case 'star':
    case 'unstar':
      return turn(async () => {
        await needs.results.favour(found.job, op === 'star');
        return resultMessage(needs, ask, (await reread(needs, found)) ?? found, view);
      });
    default:
      return turn(() => resultMessage(needs, ask, found, view, op === 'delete'));
  }
}

/** The result that a press is about, if it is the member's own and may be shown here. @throws Refusal */
async function pressed(needs: Needs, { interaction }: Picked, { job: named }: MinePress): Promise<Found> {
  const job = named === NONE && interaction.isStringSelectMenu() ? interaction.values[0]! : named;
  const found = await reread(needs, { job });
  const visible = found && !found.record.removing && (await visibleTo(interaction)(found));
  if (!visible) throw new Refusal('mineGone');
  return found;
}

async function reread({ results }: Needs, { job }: Pick<Found, 'job'>): Promise<Found | null> {
  const record = await results.get(job);
  return record && { job, record };
}

/** The same request with a new seed, here, as visible as it was. */
async function again(needs: Needs, ask: Picked, { record }: Found): Promise<void> {
  const settings = await ask.settings();
  checkPlace(settings, ask.place);
  const { request, notices } = asOffered(needs, settings, record.request);
  await submit(needs, ask, withNewSeed(request), {
    notices,
    ephemeral: record.hidden,
    spoiler: await spoilerOf(needs, record),
  });
}

/** Records of earlier versions do not say: their message does, and without it, to be careful, it is one. */
async function spoilerOf(needs: Needs, record: ResultRecord): Promise<boolean> {
  if (isFlagged(record)) return true;
  if (record.spoiler !== undefined) return record.spoiler;
  const message = await messageOf(needs, record);
  return message?.attachments.some(isSpoiler) ?? true;
}

async function how(needs: Needs, { interaction, place, t }: Picked, found: Found): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const read = await readFile(needs, found, place.userId);
  const { steps, sampler, scale, seed, width, height, model, prompt, negative } = found.record.request;
  // A picture that is gone says nothing of its making, nor does one that was cut out of a grid; the record does.
  const known = read ?? { prompt, negative, steps, sampler, scale, seed, width, height, model, other: {} };
  await interaction.editReply({ ...howMadeAnswer(known, t), allowedMentions: { parse: [] } });
}

/** What the metadata of a result's first picture says; null if it says nothing, or the picture is gone. */
async function readFile(needs: Needs, found: Found, owner: string): Promise<ReadParameters | null> {
  const [first = 1] = numbersOf(found.record);
  const message = () => messageOf(needs, found.record);
  try {
    const [file] = await filesOf(needs, found, [first], message, { owner, time: PATIENCE });
    return await needs.inspectors.inspect(file!, owner);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** Deletes a result of one's own: its message, unless only its author sees that, and its record. @throws Refusal */
async function removeOwn(needs: Needs, found: Found): Promise<void> {
  const { userId: user, guildId, channelId: channel, messageId, hidden, request } = found.record;
  const removeMessage = async () => {
    if (messageId && !hidden) await needs.client.rest.delete(Routes.channelMessage(channel, messageId));
  };
  try {
    await removeResult(needs, found, removeMessage);
  } catch (error) {
    if (isForbidden(error)) throw new Refusal('mineMessage');
    throw error;
  }
  needs.moderation.note(guildId, { kind: 'removed', user, by: user, channel, request });
  needs.log.info({ job: found.job, by: user }, 'a result was removed');
}
