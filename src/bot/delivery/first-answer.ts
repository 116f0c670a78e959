import { type Client, messageLink, Routes, SnowflakeUtil } from 'discord.js';
import { customId } from '../gateway/custom-id.js';
import { ifWithinReach } from '../gateway/discord-errors.js';
import type { Job, Outcome } from '../request/job.js';
import type { Results } from '../storage/results.js';
import { type Translate, translateFor } from '../text/i18n.js';
import { ended } from './texts.js';

/** Milliseconds by which this machine's clock may be ahead of Discord's. */
const CLOCKS_APART = 60_000;

interface Needs {
  readonly client: Client;
  readonly results: Results;
}

/** The message with an outcome. */
interface Where {
  readonly messageId: string;
  readonly channelId: string;
  readonly guildId: string | null;
}

/**
 * Closes the first answer when the outcome was delivered elsewhere, or not at all: it no longer shows progress or a
 * button to cancel.
 */
export async function closeFirstAnswer(needs: Needs, job: Job, outcome: Outcome, where: Where | null): Promise<void> {
  const { origin, id } = job;
  const record = await needs.results.get(id);
  // Hidden answers, and those of user installations, can only be edited with the token.
  if (!origin.token || record?.removing || origin.ephemeral || origin.userInstalled) return;
  const first = record?.messageId ?? (await ifWithinReach(withCancelButton(needs, job)));
  if (!first || first === where?.messageId) return;
  const t = translateFor(origin.locale);
  const content = ended(job.request, whereItIs(job, outcome, where, t), t);
  const edit = needs.client.rest.patch(Routes.channelMessage(origin.channelId, first), {
    body: { content, components: [], attachments: [], allowed_mentions: { parse: [] } },
  });
  await ifWithinReach(edit);
}

/** The first answer whose id is not known, because whatever Discord said of it was lost. */
async function withCancelButton({ client }: Needs, { id, origin, createdAt }: Job): Promise<string | null> {
  const channel = await client.channels.fetch(origin.channelId);
  if (!channel?.isTextBased()) return null;
  const after = SnowflakeUtil.generate({ timestamp: createdAt - CLOCKS_APART }).toString();
  const messages = await channel.messages.fetch({ after, limit: 100, cache: false });
  const button = customId('cancel', { job: id });
  return (
    messages.find((message) => message.author.id === client.user?.id && message.resolveComponent(button))?.id ?? null
  );
}

function whereItIs({ id, origin }: Job, outcome: Outcome, where: Where | null, t: Translate): string {
  if (outcome.kind === 'cancelled') return t('result.cancelled');
  // Nowhere: the log has its number.
  if (!where) return t('result.failed', { id });
  const { channelId, messageId, guildId } = where;
  if (channelId !== origin.channelId) return t('result.movedDirect');
  return t('result.moved', { url: messageLink(channelId, messageId, guildId ?? '@me') });
}
