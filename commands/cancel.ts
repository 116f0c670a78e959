import { MessageFlags } from 'discord.js';
import type { ProgressBoard } from '../src/bot/delivery/progress-board.js';
import { ended, plainTitle } from '../src/bot/delivery/texts.js';
import { described, slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import type { JobQueue } from '../src/bot/request/job.js';
import { Refusal } from '../src/bot/text/refusal.js';
import { suggest } from '../src/bot/text/suggest.js';

/** /cancel: one or all of the member's own jobs. */
export const cancel: ChatCommand<{ readonly jobs: JobQueue; readonly board: ProgressBoard }> = {
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
    for (const { id } of jobs) needs.board.cancelling(id);
    const done = await Promise.all(jobs.map(({ id }) => needs.jobs.cancel(id)));
    const count = done.filter(Boolean).length;
    // It was finished in the meantime. Languages whose singular includes zero would otherwise say that one was
    // cancelled.
    if (count === 0) throw new Refusal('finished');
    const [one] = jobs.filter((_, k) => done[k]);
    const sentence = t('cancel.done', { count });
    await interaction.editReply({
      content: count === 1 ? ended(one!.request, sentence, t) : sentence,
      allowedMentions: { parse: [] },
      flags: MessageFlags.SuppressEmbeds,
    });
  },

  async autocomplete(needs, { interaction, t }) {
    const own = needs.jobs.list().filter(({ origin }) => origin.userId === interaction.user.id);
    const choices = own.map(({ id, request }) => ({ name: plainTitle(request, t), value: id }));
    await interaction.respond(suggest(choices, interaction.options.getFocused()));
  },
};
