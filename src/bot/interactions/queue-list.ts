import {
  ActionRowBuilder,
  ButtonBuilder,
  type ButtonInteraction,
  ButtonStyle,
  type RepliableInteraction,
} from 'discord.js';
import { fitted, inSeconds, titled } from '../delivery/texts.js';
import { type CustomId, customId } from '../gateway/custom-id.js';
import type { DiscordClock } from '../gateway/discord-clock.js';
import type { Ask } from '../intake/ask.js';
import type { Job, JobQueue } from '../request/job.js';
import { paintersText } from './painters-text.js';

export interface QueueNeeds {
  readonly jobs: JobQueue;
  readonly clock: DiscordClock;
}

const SHOWN = 15;

type Asked = Pick<Ask<RepliableInteraction>, 'interaction' | 't'>;

/**
 * What is being painted and what is waiting, with a button to refresh. Prompts from other servers are not shown, and
 * requests from other channels of this server are left out, because not everybody may see those.
 */
export function queueMessage(needs: QueueNeeds, asked: Asked) {
  const { interaction, t } = asked;
  const { user, channelId, guildId } = interaction;
  const jobs = needs.jobs.list();
  const mayShow = ({ origin }: Job) =>
    origin.userId === user.id || origin.channelId === channelId || origin.guildId !== guildId;
  const now = needs.clock.now();
  const title = jobs.length === 0 ? t('queue.empty') : t('queue.title', { count: jobs.length });
  const painters = paintersText(needs.jobs.painters(), t, interaction.locale, now);
  const lines = jobs.filter(mayShow).map((job) => lineOf(needs, asked, job, now));
  const again = new ButtonBuilder()
    .setCustomId(customId('queue', { userId: user.id }))
    .setStyle(ButtonStyle.Secondary)
    .setLabel(t('queue.again'));
  return {
    content: fitted(
      [title, ...painters, `-# ${t('queue.asOf', { when: inSeconds(0, now - 1000) })}`].join('\n'),
      lines.slice(0, SHOWN),
    ),
    components: [new ActionRowBuilder<ButtonBuilder>().addComponents(again)],
    allowedMentions: { parse: [] },
  };
}

/** Handles the refresh button. */
export async function queueAgain(needs: QueueNeeds, ask: Ask<ButtonInteraction>, _: CustomId<'queue'>): Promise<void> {
  await ask.interaction.update(queueMessage(needs, ask));
}

function lineOf({ jobs }: QueueNeeds, { interaction, t }: Asked, job: Job, now: number): string {
  const { id, request, origin } = job;
  const ticket = jobs.ticket(id);
  const mine = origin.userId === interaction.user.id;
  const here = origin.channelId === interaction.channelId && !origin.ephemeral;
  const prompt = mine || here ? titled(request, t, 60) : `*${t('queue.elsewhere')}*`;
  const place = ticket?.position === 0 ? t('queue.painting') : `${ticket?.position ?? '?'}.`;
  const left = ticket?.secondsLeft;
  const ready = left ? `, ${t('queue.ready', { when: inSeconds(left, now) })}` : '';
  return `${place} ${prompt}${mine ? ` (${t('queue.yours')})` : ''}${ready}`;
}
