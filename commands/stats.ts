import {
  type APIEmbedField,
  AttachmentBuilder,
  type ChatInputCommandInteraction,
  type Client,
  EmbedBuilder,
  MessageFlags,
  TimestampStyles,
  time,
  userMention,
} from 'discord.js';
import { described, slashCommand } from '../src/bot/gateway/command-data.js';
import type { DiscordClock } from '../src/bot/gateway/discord-clock.js';
import { shardsOf } from '../src/bot/gateway/shards.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { paintersText } from '../src/bot/interactions/painters-text.js';
import { exportFile } from '../src/bot/privacy/file.js';
import type { JobQueue } from '../src/bot/request/job.js';
import { samplerTitle } from '../src/bot/request/samplers.js';
import { manages } from '../src/bot/rules/manager.js';
import type { PlaceCounters } from '../src/bot/stats/counters.js';
import type { Stats } from '../src/bot/stats/stats.js';
import {
  most,
  picturesByDay,
  type Spans,
  secondsByModel,
  secondsOf,
  spans,
  sparkline,
} from '../src/bot/stats/summary.js';
import { type Usage, usageFile } from '../src/bot/stats/usage-file.js';
import { cut } from '../src/bot/text/cut.js';
import type { Translate } from '../src/bot/text/i18n.js';
import { quote } from '../src/bot/text/quote.js';
import { Refusal } from '../src/bot/text/refusal.js';

export interface Needs {
  readonly stats: Stats;
  readonly jobs: JobQueue;
  readonly clock: DiscordClock;
  readonly client: Client<true>;
}

/** How many members, models and samplers managers see. */
const TOP = 5;

/** /stats: what was painted here, by the member and in total. Managers also see by whom, and with which models. */
export const stats: ChatCommand<Needs> = {
  data: () =>
    slashCommand('stats')
      .addBooleanOption((o) => described(o, 'stats', 'csv'))
      .toJSON(),

  async execute(needs, { interaction, t }) {
    if (interaction.options.getBoolean('csv')) return sendUsage(needs, interaction, t);
    const { guildId, user, locale } = interaction;
    const now = Date.now();
    const [place, member] = await Promise.all([
      needs.stats.ofPlace(guildId, user.id),
      needs.stats.ofMember(guildId, user.id),
    ]);
    const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
    const waiting = needs.jobs.list().length;
    const days = picturesByDay(place, now);
    const painters = paintersText(needs.jobs.painters(), t, locale, needs.clock.now());
    const fields: APIEmbedField[] = [
      { name: t('stats.you'), value: spansText(spans(member, now), number, t), inline: true },
      ...(guildId ? [{ name: t('stats.server'), value: spansText(spans(place, now), number, t), inline: true }] : []),
      { name: t('stats.days'), value: `${sparkline(days)}\n-# ${days.map((n) => number.format(n)).join(' · ')}` },
      { name: t('stats.speed'), value: speedText(place, number, t, now) },
      {
        name: t('stats.now'),
        value: [
          waiting === 0 ? t('stats.idle') : t('stats.queue', { count: waiting }),
          t('stats.up', {
            when: time(Math.floor((needs.clock.now() - needs.client.uptime) / 1000), TimestampStyles.RelativeTime),
          }),
          ...shardsText(needs.client, interaction.guild?.shardId ?? 0, t),
          place
            ? t('stats.since', { when: time(Math.floor(place.since / 1000), TimestampStyles.LongDate) })
            : t('stats.nothing'),
        ].join('\n'),
      },
    ];
    if (painters.length > 0) fields.push({ name: t('painters.title'), value: painters.join('\n') });
    if (place && manages(interaction)) {
      fields.push(...managersFields(place, number, t, now));
    }
    const embed = new EmbedBuilder()
      .setTitle(t('stats.title'))
      .addFields(fields.map((field) => ({ ...field, value: cut(field.value, 1024) })));
    await interaction.reply({ embeds: [embed], flags: MessageFlags.Ephemeral, allowedMentions: { parse: [] } });
  },
};

/** The usage of every member as a file, for those who manage the server. */
async function sendUsage({ stats }: Needs, interaction: ChatInputCommandInteraction, t: Translate): Promise<void> {
  const { client, guild, guildId, attachmentSizeLimit } = interaction;
  if (!guildId) throw new Refusal('guildOnly');
  if (!manages(interaction)) throw new Refusal('usageForManagers');
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const usage: Usage[] = [];
  for await (const [userId, counters] of stats.ofMembers(guildId)) {
    const name = guild?.members.cache.get(userId)?.displayName ?? client.users.cache.get(userId)?.displayName ?? null;
    usage.push({ userId, name, counters });
  }
  const file = await exportFile(usageFile(usage, Date.now()), 'usage.csv', attachmentSizeLimit);
  await interaction.editReply({
    content: t('stats.usage', { count: usage.length }),
    files: [new AttachmentBuilder(file.bytes, { name: file.name })],
  });
}

/** Only of a bot that has several connections to Discord. */
function shardsText(client: Client<true>, here: number, t: Translate): string[] {
  const shards = shardsOf(client);
  const up = shards.filter(({ connected }) => connected).length;
  return shards.length > 1 ? [t('stats.shards', { up, all: shards.length, here: here + 1 })] : [];
}

function spansText(all: Spans, number: Intl.NumberFormat, t: Translate): string {
  return (['today', 'week', 'total'] as const)
    .map((span) => {
      const { pictures, requests } = all[span];
      const asked = t('stats.requests', { count: requests, number: number.format(requests) });
      return `${t(`stats.span.${span}`)}: **${number.format(pictures)}** (${asked})`;
    })
    .join('\n');
}

function speedText(place: PlaceCounters | null, number: Intl.NumberFormat, t: Translate, now: number): string {
  const lines = secondsByModel(place, now).map(
    ([model, seconds]) => `${quote(model, 100)} ${t('stats.seconds', { seconds: number.format(seconds) })}`,
  );
  return lines.slice(0, TOP).join('\n') || t('stats.none');
}

function managersFields(place: PlaceCounters, number: Intl.NumberFormat, t: Translate, now: number): APIEmbedField[] {
  const written = {
    members: userMention,
    models: (name: string) => quote(name, 100),
    samplers: samplerTitle,
  };
  const spent = (what: string, name: string) =>
    what === 'members'
      ? ` (${t('stats.cpu', { seconds: number.format(secondsOf(place, what, name, now, 'cpu')) })})`
      : '';
  return (['members', 'models', 'samplers'] as const).map((what) => ({
    name: t(`stats.most.${what}`),
    value:
      most(place, what, now)
        .slice(0, TOP)
        .map(
          ([name, pictures], k) =>
            `${k + 1}. ${written[what](name)}: **${number.format(pictures)}**${spent(what, name)}`,
        )
        .join('\n') || t('stats.none'),
    inline: true,
  }));
}
