import { ActionRowBuilder, ButtonBuilder, ButtonStyle, StringSelectMenuBuilder } from 'discord.js';
import { customId } from '../gateway/custom-id.js';
import { WAYS, type Way } from '../request/canvas.js';
import type { Job } from '../request/job.js';
import type { PaintRequest } from '../request/paint-request.js';
import { cut } from '../text/cut.js';
import type { Translate } from '../text/i18n.js';
import { oneLine } from '../text/quote.js';
import { differences } from './texts.js';

/** Buttons that fit in one row on a phone; for more pictures, there is a menu. */
const BUTTONS = 4;

/** What buttons do with one picture, and the letters on them. */
const LETTERS = { upscale: 'U', vary: 'V', subtle: 'S', tiled: 'T' } as const;

/** Pictures that are not enlarged again: the work would grow with the square. */
const LARGE: ReadonlySet<PaintRequest['kind']> = new Set(['upscale', 'outpaint']);
/** Pictures that more is painted around: those that somebody has chosen from others, or painted on. */
const ALONE: ReadonlySet<PaintRequest['kind']> = new Set(['upscale', 'outpaint', 'inpaint']);

type OfPicture = keyof typeof LETTERS;
type Row = ActionRowBuilder<ButtonBuilder | StringSelectMenuBuilder>;

/**
 * The buttons and menus under a result: enlarge, vary, vary subtly, show copies of a tile, again, edit, separate files,
 * delete.
 *
 * @param pictures numbers, from 1, of those that can be enlarged and varied.
 */
export function resultButtons(job: Pick<Job, 'id' | 'request'>, pictures: readonly number[], t: Translate): Row[] {
  const { id, request } = job;
  const last: Row = row(
    button(customId('again', { job: id }), ButtonStyle.Primary, '', '🔁'),
    button(customId('edit', { job: id }), ButtonStyle.Secondary, '', '✏️'),
    // A picture that is alone in its message is a file of its own there.
    ...(request.count > 1 && pictures.length > 0
      ? [button(customId('files', { job: id }), ButtonStyle.Secondary, '', '💾')]
      : []),
    button(customId('delete', { job: id }), ButtonStyle.Secondary, '', '🗑️'),
  );
  const offer = pictures.length <= BUTTONS ? eachAsButton : eachAsOption;
  const actions: OfPicture[] = [
    ...(LARGE.has(request.kind) ? [] : (['upscale'] as const)),
    'vary',
    'subtle',
    ...(request.tile ? (['tiled'] as const) : []),
  ];
  if (pictures.length === 0) return [last];
  if (pictures.length === 1 && pictures[0] === 1 && ALONE.has(request.kind))
    return [...aroundOne(job, actions, t), last];
  return [...actions.map((action) => offer(job, action, pictures, t)), last];
}

/** The rows of a picture that is alone in its message: what is done with it, and what is painted around it. */
function aroundOne(job: Pick<Job, 'id' | 'request'>, actions: readonly OfPicture[], t: Translate): Row[] {
  const { id, request } = job;
  const of = { job: id };
  const way = (name: Way, label: string, emoji?: string) =>
    button(customId('extend', { ...of, way: WAYS.indexOf(name) + 1 }), ButtonStyle.Secondary, label, emoji);
  const own = actions.map((action) =>
    button(customId(action, { ...of, index: 1 }), ButtonStyle.Secondary, `${LETTERS[action]}1`),
  );
  return [
    row(...own, button(customId('region', of), ButtonStyle.Secondary, t('button.region'))),
    row(way('left', '', '⬅️'), way('right', '', '➡️'), way('up', '', '⬆️'), way('down', '', '⬇️')),
    row(
      way('zoom1.5', t('button.zoom', { factor: 1.5 })),
      way('zoom2', t('button.zoom', { factor: 2 })),
      button(customId('zoom', of), ButtonStyle.Secondary, t('button.customZoom')),
      ...(request.width === request.height ? [] : [way('square', t('button.square'))]),
    ),
  ];
}

function eachAsButton({ id }: Pick<Job, 'id'>, action: OfPicture, pictures: readonly number[]): Row {
  return row(
    ...pictures.map((k) =>
      button(customId(action, { job: id, index: k }), ButtonStyle.Secondary, `${LETTERS[action]}${k}`),
    ),
  );
}

function eachAsOption(
  { id, request }: Pick<Job, 'id' | 'request'>,
  action: OfPicture,
  pictures: readonly number[],
  t: Translate,
): Row {
  const labels = differences(request, t);
  const options = pictures.map((k) => ({ label: cut(oneLine(`${k} · ${labels[k - 1]}`), 100), value: String(k) }));
  const menu = new StringSelectMenuBuilder()
    .setCustomId(customId(action, { job: id, index: 0 }))
    .setPlaceholder(cut(t(`result.${action}Which`), 150))
    .addOptions(options);
  return new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(menu);
}

export function cancelButton(job: string, t: Translate): ActionRowBuilder<ButtonBuilder> {
  return row(button(customId('cancel', { job }), ButtonStyle.Danger, t('progress.cancel')));
}

function button(id: string, style: ButtonStyle, label: string, emoji?: string): ButtonBuilder {
  const made = new ButtonBuilder().setCustomId(id).setStyle(style);
  return emoji ? made.setEmoji(emoji) : made.setLabel(label);
}

function row(...buttons: ButtonBuilder[]): ActionRowBuilder<ButtonBuilder> {
  return new ActionRowBuilder<ButtonBuilder>().addComponents(buttons);
}
