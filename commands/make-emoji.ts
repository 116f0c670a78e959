import {
  type Client,
  LabelBuilder,
  ModalBuilder,
  StringSelectMenuBuilder,
  StringSelectMenuOptionBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js';
import type { Drafts } from '../src/bot/expressions/drafts.js';
import { KINDS, type Kind } from '../src/bot/expressions/kinds.js';
import { checkMayMake } from '../src/bot/expressions/permission.js';
import { IN_SERVERS, messageCommand } from '../src/bot/gateway/command-data.js';
import { customId } from '../src/bot/gateway/custom-id.js';
import { isSpoiler, picturesIn } from '../src/bot/intake/sources.js';
import type { MessageCommand } from '../src/bot/interactions/command.js';
import { newJobId } from '../src/bot/request/job-id.js';
import type { Results } from '../src/bot/storage/results.js';
import { cut } from '../src/bot/text/cut.js';
import type { Translate } from '../src/bot/text/i18n.js';
import { Refusal } from '../src/bot/text/refusal.js';

export interface Needs {
  readonly client: Client<true>;
  readonly drafts: Drafts;
  readonly results: Results;
}

/** "Make an emoji" in a message's Apps menu: for any picture, no matter who posted it. */
export const makeEmoji: MessageCommand<Needs> = {
  data: () => messageCommand('emojiMenu', IN_SERVERS).toJSON(),

  async execute({ client, drafts, results }, ask) {
    const guildId = checkMayMake(client, ask);
    const { targetMessage, user } = ask.interaction;
    const pictures = picturesIn(targetMessage);
    const result = await results.ofMessage(targetMessage.id);
    // A result without a record, which may have been hidden from some members.
    if (!result && targetMessage.author.id === client.user.id && pictures.some(isSpoiler)) {
      throw new Refusal('emojiFlagged');
    }
    const id = newJobId();
    await drafts.keep(id, {
      stage: 'asked',
      userId: user.id,
      guildId,
      job: result?.job ?? null,
      attachments: pictures.map(({ url, size }) => ({ url, size })),
    });
    const count = result ? result.record.shown : pictures.length;
    await ask.interaction.showModal(form(id, count, ask.t));
  },
};

function form(id: string, count: number, t: Translate): ModalBuilder {
  const text = (name: string, least: number, most: number) =>
    new TextInputBuilder().setCustomId(name).setStyle(TextInputStyle.Short).setMinLength(least).setMaxLength(most);
  const label = (key: string, values = {}) => new LabelBuilder().setLabel(cut(t(`emoji.form.${key}`, values), 45));
  const kinds = (Object.keys(KINDS) as Kind[]).map((kind) =>
    new StringSelectMenuOptionBuilder()
      .setValue(kind)
      .setLabel(t(`emoji.kind.${kind}`))
      .setDefault(kind === 'emoji'),
  );
  const modal = new ModalBuilder()
    .setCustomId(customId('emoji', { draft: id, button: 0 }))
    .setTitle(cut(t('emoji.form.title'), 45))
    .addLabelComponents(
      label('name').setTextInputComponent(text('name', 2, 32).setRequired(true)),
      label('kind').setStringSelectMenuComponent(new StringSelectMenuBuilder().setCustomId('kind').addOptions(kinds)),
    );
  if (count > 1) {
    const which = text('picture', 1, 2).setRequired(true).setValue('1');
    modal.addLabelComponents(label('picture', { count }).setTextInputComponent(which));
  }
  return modal;
}
