import { fitted, inSeconds, QUIET, titled } from '../src/bot/delivery/texts.js';
import { slashCommand } from '../src/bot/gateway/command-data.js';
import type { DiscordClock } from '../src/bot/gateway/discord-clock.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import type { Job, JobQueue } from '../src/bot/request/job.js';

export interface Needs {
  readonly jobs: JobQueue;
  readonly clock: DiscordClock;
}

const SHOWN = 15;

/** /queue: what is being painted and what waits. Prompts of other servers are not shown, nor those of other channels, which not everybody may see. */
export const queue: ChatCommand<Needs> = {
  data: () => slashCommand('queue').toJSON(),

  async execute(needs, { interaction, t }) {
    const jobs = needs.jobs.list();
    const mayShow = ({ origin: { userId, guildId, channelId } }: Job) =>
      userId === interaction.user.id || channelId === interaction.channelId || guildId !== interaction.guildId;
    const lines = jobs
      .filter(mayShow)
      .slice(0, SHOWN)
      .map(({ id, request, origin }) => {
        const ticket = needs.jobs.ticket(id);
        const here = origin.channelId === interaction.channelId;
        const mine = origin.userId === interaction.user.id;
        const prompt = here && !origin.ephemeral ? titled(request.prompt, t, 60) : `*${t('queue.elsewhere')}*`;
        const shown = mine ? `${titled(request.prompt, t, 60)} (${t('queue.yours')})` : prompt;
        const ready = ticket?.secondsLeft
          ? `, ${t('queue.ready', { when: inSeconds(ticket.secondsLeft, needs.clock.now()) })}`
          : '';
        return `${ticket?.position === 0 ? t('queue.painting') : `${ticket?.position ?? '?'}.`} ${shown}${ready}`;
      });
    const title = jobs.length === 0 ? t('queue.empty') : t('queue.title', { count: jobs.length });
    const content = fitted(title, lines);
    await interaction.reply({ content, flags: QUIET, allowedMentions: { parse: [] } });
  },
};
