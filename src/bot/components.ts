import { ActionRowBuilder, ButtonBuilder, ButtonStyle } from 'discord.js';
import { customId } from './custom-id.js';
import type { Translate } from './i18n.js';
import type { Job } from './job.js';

/** Buttons under a result: enlarge, vary, again, edit, delete. Rows of at most four are whole on a phone. */
export function resultButtons({ id, request }: Job, pictures: number): ActionRowBuilder<ButtonBuilder>[] {
  const each = (action: 'upscale' | 'vary', letter: string) =>
    Array.from({ length: pictures }, (_, k) =>
      button(customId(action, k + 1, id), ButtonStyle.Secondary, `${letter}${k + 1}`),
    );
  const last = row(
    button(customId('again', 0, id), ButtonStyle.Primary, '', '🔁'),
    button(customId('edit', 0, id), ButtonStyle.Secondary, '', '✏️'),
    button(customId('delete', 0, id), ButtonStyle.Secondary, '', '🗑️'),
  );
  // What was enlarged already is not enlarged again: it grows by the square.
  const enlarge = request.kind === 'upscale' ? [] : [row(...each('upscale', 'U'))];
  return pictures === 0 ? [last] : [...enlarge, row(...each('vary', 'V')), last];
}

export function cancelButton(job: string, t: Translate): ActionRowBuilder<ButtonBuilder> {
  return row(button(customId('cancel', 0, job), ButtonStyle.Danger, t('progress.cancel')));
}

function button(id: string, style: ButtonStyle, label: string, emoji?: string): ButtonBuilder {
  const made = new ButtonBuilder().setCustomId(id).setStyle(style);
  return emoji ? made.setEmoji(emoji) : made.setLabel(label);
}

function row(...buttons: ButtonBuilder[]): ActionRowBuilder<ButtonBuilder> {
  return new ActionRowBuilder<ButtonBuilder>().addComponents(buttons);
}
