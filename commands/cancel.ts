import { MessageFlags } from 'discord.js';
import { described, slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import type { JobQueue } from '../src/bot/request/job.js';
import { isBlank } from '../src/bot/text/quote.js';
import { Refusal } from '../src/bot/text/refusal.js';
import { suggest } from '../src/bot/text/suggest.js';

/** /cancel: one or all of the member's own jobs. */
export const cancel: ChatCommand<{ readonly jobs: JobQueue }> = {
  data: () =>
    slashCommand('cancel')
      .addStringOption((o) => described(o, 'cancel', 'job').setAutocomplete(true))
      .toJSON(),

  async execute(needs, { interaction, t }) {
    const wanted = interaction.options.getString('job');
    const own = needs.jobs.list().filter(({ origin }) => origin.userId === interaction.user.id);
    const jobs = wanted ? own.filter(({ id }) => id === wanted) : own;
    if (jobs.length === 0) throw new Refusal(wanted ? 'finished' : 'nothingToCancel');
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const done = await Promise.all(jobs.map(({ id }) => needs.jobs.cancel(id)));
    const count = done.filter(Boolean).length;
    // It was painted in the meantime. Languages whose singular includes zero would say that one was cancelled.
    if (count === 0) throw new Refusal('finished');
    await interaction.editReply(t('cancel.done', { count }));
  },

  async autocomplete(needs, { interaction }) {
    const own = needs.jobs.list().filter(({ origin }) => origin.userId === interaction.user.id);
    const choices = own.map(({ id, request }) => ({ name: isBlank(request.prompt) ? id : request.prompt, value: id }));
    await interaction.respond(suggest(choices, interaction.options.getFocused()));
  },
};
