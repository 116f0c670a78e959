import {
  ActionRowBuilder,
  type AnySelectMenuInteraction,
  type AttachmentBuilder,
  ButtonBuilder,
  type ButtonInteraction,
  ButtonStyle,
  type ChatInputCommandInteraction,
  MediaGalleryBuilder,
  MediaGalleryItemBuilder,
  MessageFlags,
  StringSelectMenuBuilder,
  TextDisplayBuilder,
  TimestampStyles,
  time,
} from 'discord.js';
import { ALT_TEXT, kindText, plainTitle, titled } from '../delivery/texts.js';
import { fileOf } from '../gateway/veiled-file.js';
import type { Ask } from '../intake/ask.js';
import { keepsFlagged } from '../rules/place-rules.js';
import type { Found, Results } from '../storage/results.js';
import { cut } from '../text/cut.js';
import type { Translate } from '../text/i18n.js';
import { quote } from '../text/quote.js';
import { type MinePage, minePage } from './mine-find.js';
import { type MineOp, type MineView, mineId, TOP } from './mine-state.js';
import { linkTo, type Tile, type TileNeeds, tileOf } from './mine-tile.js';
import { placesFor, visibleTo } from './mine-visible.js';

export type MineNeeds = TileNeeds & { readonly results: Results };
type Asked = Ask<ChatInputCommandInteraction | ButtonInteraction | AnySelectMenuInteraction>;

/** Pixels of the longer side of small pictures, in a page and alone. */
const SMALL = 256;
const LARGE = 640;

/** A page of a member's results: a gallery, a line for each, and what to do next. */
export async function pageMessage(needs: MineNeeds, ask: Asked, view: MineView, notice?: string) {
  const { interaction, place, t } = ask;
  const { results } = needs;
  const places = await placesFor(results, interaction);
  const page = await minePage(results, place.userId, places, view, visibleTo(interaction));
  const mayShow = keepsFlagged(await ask.settings(), place);
  const tiles = await Promise.all(page.found.map((found) => tileOf(needs, found, mayShow, SMALL)));
  const shown = tiles.map((tile, k) => ({ tile, found: page.found[k]!, name: `${k + 1}` }));
  const lines = shown.map(({ tile, found, name }) => {
    const missing = tile.kind === 'flagged' || tile.kind === 'away' ? ` · *${t(`mine.${tile.kind}`)}*` : '';
    return `${name} · ${lineOf(found, t)}${missing}`;
  });
  const empty = view.word ? 'noneFound' : view.favourites ? 'noFavourites' : 'none';
  const said = lines.length > 0 ? lines.join('\n') : t(`mine.${empty}`, { word: quote(view.word) });
  const { gallery, files } = galleryOf(shown, t);
  return answer(
    [
      new TextDisplayBuilder().setContent(
        [...(notice ? [notice] : []), `### ${headingOf(view, place.guildId, t)}`, said].join('\n'),
      ),
      ...gallery,
      ...(page.found.length > 0 ? [menuOf(page, view, t)] : []),
      turns(page, view, t),
    ],
    files,
  );
}

/** One result, with what can be done with it. @param asking whether it is about to be deleted. */
export async function resultMessage(needs: MineNeeds, ask: Asked, found: Found, view: MineView, asking = false) {
  const { place, t } = ask;
  const { job, record } = found;
  const mayShow = keepsFlagged(await ask.settings(), place);
  const tile = await tileOf(needs, found, mayShow, LARGE);
  const { gallery, files } = galleryOf([{ tile, found, name: '' }], t);
  const button = (op: MineOp, style: ButtonStyle, label: string, emoji?: string) => {
    const made = new ButtonBuilder().setCustomId(mineId(op, view, job)).setStyle(style);
    if (label) made.setLabel(label);
    return emoji ? made.setEmoji(emoji) : made;
  };
  const row = (...buttons: ButtonBuilder[]) => new ActionRowBuilder<ButtonBuilder>().addComponents(buttons);
  const { Primary, Secondary, Danger } = ButtonStyle;
  const missing = tile.kind === 'flagged' || tile.kind === 'away' ? [`*${t(`mine.${tile.kind}`)}*`] : [];
  const rows = asking
    ? [row(button('sure', Danger, t('mine.delete')), button('show', Secondary, t('mine.keep')))]
    : [
        row(
          button('again', Primary, '', '🔁'),
          button('files', Secondary, '', '💾'),
          record.favourite
            ? button('unstar', Secondary, t('mine.unstar'), '⭐')
            : button('star', Secondary, t('mine.star'), '⭐'),
          button('how', Secondary, t('mine.how')),
          button('delete', Secondary, '', '🗑️'),
        ),
        row(button('back', Secondary, t('mine.back'))),
      ];
  const text = [titled(record.request, t, 1000), factsOf(found, t), ...missing, ...(asking ? [t('mine.sure')] : [])];
  return answer([new TextDisplayBuilder().setContent(text.join('\n')), ...gallery, ...rows], files);
}

type Part = TextDisplayBuilder | MediaGalleryBuilder | ActionRowBuilder<ButtonBuilder | StringSelectMenuBuilder>;

function answer(components: readonly Part[], files: readonly AttachmentBuilder[]) {
  return {
    components: [...components],
    files: [...files],
    // Those of the page before go.
    attachments: [],
    flags: MessageFlags.IsComponentsV2 as const,
    allowedMentions: { parse: [] },
  };
}

function headingOf({ favourites, word }: MineView, guildId: string | null, t: Translate): string {
  if (word) return t('mine.found', { word: quote(word) });
  return favourites ? t('mine.favourites') : t(guildId ? 'mine.here' : 'mine.title');
}

function lineOf(found: Found, t: Translate): string {
  return [titled(found.record.request, t, 80), factsOf(found, t)].join(' ');
}

function factsOf({ record }: Found, t: Translate): string {
  const { request, createdAt, favourite, parent } = record;
  const kind = kindText(request, t, parent?.index);
  const link = linkTo(record);
  const facts = [
    ...(kind ? [kind] : []),
    time(Math.floor(createdAt / 1000), TimestampStyles.RelativeTime),
    ...(link ? [t('mine.link', { url: link })] : []),
  ].join(' · ');
  return `${favourite ? '⭐ ' : ''}${facts}`;
}

interface Shown {
  readonly tile: Tile;
  readonly found: Found;
  /** How it is called in the message. */
  readonly name: string;
}

function galleryOf(shown: readonly Shown[], t: Translate) {
  const files: AttachmentBuilder[] = [];
  const items = shown.flatMap(({ tile, found: { job, record }, name }) => {
    if (tile.kind !== 'file' && tile.kind !== 'url') return [];
    const description = cut([name, plainTitle(record.request, t)].filter(Boolean).join(' · '), ALT_TEXT);
    const file = `${job}.webp`;
    if (tile.kind === 'file') files.push(fileOf(tile.bytes, { name: file, description }, tile.spoiler));
    const url = tile.kind === 'file' ? `attachment://${file}` : tile.url;
    return [new MediaGalleryItemBuilder().setURL(url).setDescription(description).setSpoiler(tile.spoiler)];
  });
  return { gallery: items.length > 0 ? [new MediaGalleryBuilder().addItems(items)] : [], files };
}

function menuOf({ found }: MinePage, view: MineView, t: Translate) {
  const options = found.map(({ job, record }, k) => ({
    label: cut(`${k + 1} · ${plainTitle(record.request, t)}`, 100),
    value: job,
  }));
  const menu = new StringSelectMenuBuilder()
    .setCustomId(mineId('show', view))
    .setPlaceholder(cut(t('mine.choose'), 150))
    .addOptions(options);
  return new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(menu);
}

/** To newer and older pages, and from all to favourites and back. */
function turns({ newer, older }: MinePage, view: MineView, t: Translate) {
  const turn = (op: MineOp, cursor: string | null, emoji: string) =>
    new ButtonBuilder()
      .setCustomId(mineId(op, { ...view, cursor: cursor ?? TOP }))
      .setStyle(ButtonStyle.Secondary)
      .setLabel(t(`mine.${op}`))
      .setEmoji(emoji)
      .setDisabled(cursor === null);
  const other = new ButtonBuilder()
    .setCustomId(mineId('other', { ...view, favourites: !view.favourites, cursor: TOP }))
    .setStyle(ButtonStyle.Secondary)
    .setLabel(t(view.favourites ? 'mine.all' : 'mine.starred'));
  if (!view.favourites) other.setEmoji('⭐');
  return new ActionRowBuilder<ButtonBuilder>().addComponents(
    turn('newer', newer, '◀️'),
    turn('older', older, '▶️'),
    other,
  );
}
