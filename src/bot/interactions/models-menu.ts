import {
  ActionRowBuilder,
  type AnySelectMenuInteraction,
  type ChatInputCommandInteraction,
  EmbedBuilder,
  StringSelectMenuBuilder,
} from 'discord.js';
import type { App } from '../app.js';
import { customId } from '../gateway/custom-id.js';
import { modelChoice, modelNamed, modelOf, type OfferedModel } from '../models/models.js';
import { manages } from '../rules/manager.js';
import { cut } from '../text/cut.js';
import { type Translate, translateFor } from '../text/i18n.js';
import { oneLine, quote } from '../text/quote.js';
import { Refusal } from '../text/refusal.js';
import { LONGEST_CHOICE } from '../text/suggest.js';

/** Of the menu: the operator's model, whichever that will be. */
const OPERATORS = '*';
/** That one menu can offer, with the operator's before them. */
const SHOWN = 24;

type Asked = ChatInputCommandInteraction | AnySelectMenuInteraction;

/** What there is to paint with; with a menu to choose the server's, for who may. */
export async function modelsMessage(app: App, asked: Asked) {
  const { guildId, locale } = asked;
  const t = translateFor(locale);
  const settings = await app.settings.of(guildId);
  const current = modelOf(app, null, settings);
  const offered = [...app.models.values()].filter(({ allowed }) => allowed).slice(0, SHOWN);
  const embed = new EmbedBuilder().setTitle(t('models.title')).addFields(
    offered.map((model) => ({
      name: `${model === current ? '▶ ' : ''}${quote(model.name, LONGEST_CHOICE)}`,
      value: cut(factsOf(app, model, t), 1024),
    })),
  );
  if (!manages(asked)) return { embeds: [embed], components: [] };
  const menu = new StringSelectMenuBuilder()
    .setCustomId(customId('settings', 0, 'model'))
    .setPlaceholder(cut(t('models.choose'), 150))
    .addOptions(
      { label: cut(t('models.operators', { model: app.config.model }), 100), value: OPERATORS },
      ...offered.map(({ name }) => ({
        label: cut(oneLine(modelChoice(name)), LONGEST_CHOICE),
        value: modelChoice(name),
        default: settings.model === name,
      })),
    );
  return { embeds: [embed], components: [new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(menu)] };
}

/** The menu was used. */
export async function modelPicked(app: App, interaction: AnySelectMenuInteraction, guildId: string): Promise<void> {
  const [value] = interaction.values;
  const chosen = value === OPERATORS ? null : modelNamed(app.models, value!);
  if (chosen !== null && !chosen?.allowed) throw new Refusal('noModel', { model: value! });
  await app.settings.change(guildId, { model: chosen?.name ?? null });
  const t = translateFor(interaction.locale);
  await interaction.update({ content: t('settings.saved'), ...(await modelsMessage(app, interaction)) });
}

function factsOf(app: App, { name, model: { card }, bytes }: OfferedModel, t: Translate): string {
  const { nativeSize, steps, scale, sampler } = card;
  const seconds = app.jobs.estimate({
    kind: 'txt2img',
    prompt: '',
    negative: '',
    width: nativeSize,
    height: nativeSize,
    count: 1,
    steps,
    scale,
    sampler,
    seed: 0,
    model: name,
  });
  const speed = seconds === null ? t('models.unmeasured') : t('models.speed', { seconds: rounded(seconds) });
  return [
    `${nativeSize}×${nativeSize}`,
    t('fact.steps', { count: steps }),
    t('models.size', { megabytes: Math.round(bytes / 1e6) }),
    speed,
  ].join(' · ');
}

/** To two digits: it is an estimate. */
function rounded(seconds: number): number {
  return Number(seconds.toPrecision(2));
}
