import {
  ActionRowBuilder,
  type AnySelectMenuInteraction,
  type ChatInputCommandInteraction,
  EmbedBuilder,
  StringSelectMenuBuilder,
} from 'discord.js';
import type { Config } from '../../config.js';
import type { Model } from '../../engine/model.js';
import { purposeOf } from '../../engine/purpose.js';
import { takesInt8 } from '../../engine/runtime/precision.js';
import { customId } from '../gateway/custom-id.js';
import type { Ask } from '../intake/ask.js';
import { modelChoice, modelNamed, modelOf, type Offer, type OfferedModel } from '../models/models.js';
import type { JobQueue } from '../request/job.js';
import { manages } from '../rules/manager.js';
import type { GuildSettings, Settings } from '../rules/settings.js';
import { cut, lengthOf } from '../text/cut.js';
import type { Translate } from '../text/i18n.js';
import { oneLine, quote } from '../text/quote.js';
import { Refusal } from '../text/refusal.js';
import { LONGEST_CHOICE } from '../text/suggest.js';

/** The menu's value for the operator's model, whichever it is at the time. */
const OPERATORS = '*';
/** Most models in the menu, after the operator's. */
const SHOWN = 24;
/** Characters of all texts of an embed together (documentation, "Embed Limits"). */
const EMBED = 6000;

export interface ModelsNeeds extends Offer {
  readonly config: Offer['config'] & Pick<Config, 'device' | 'precision'>;
  readonly jobs: JobQueue;
}

type Asked = Pick<Ask<ChatInputCommandInteraction | AnySelectMenuInteraction>, 'interaction' | 't'>;

/** The models on offer, with a menu for the server's default if the member may choose it. */
export function modelsMessage(needs: ModelsNeeds, { interaction, t }: Asked, settings: Settings) {
  const { models, config } = needs;
  const current = modelOf(needs, null, settings);
  const offered = [...models.values()].filter(({ allowed }) => allowed).slice(0, SHOWN);
  const title = t('models.title');
  let room = EMBED - lengthOf(title);
  const fields = offered.map((model, k) => {
    const name = `${model === current ? '▶ ' : ''}${quote(model.name, LONGEST_CHOICE)}`;
    // What a model leaves of its share goes to those after it.
    const share = Math.floor(room / (offered.length - k)) - lengthOf(name);
    const value = cut(factsOf(needs, model, t), Math.min(share, 1024));
    room -= lengthOf(name + value);
    return { name, value };
  });
  const embed = new EmbedBuilder().setTitle(title).addFields(fields);
  if (!manages(interaction)) return { embeds: [embed], components: [] };
  const menu = new StringSelectMenuBuilder()
    .setCustomId(customId('settings', { setting: 'model' }))
    .setPlaceholder(cut(t('models.choose'), 150))
    .addOptions(
      { label: cut(t('models.operators', { model: config.model }), 100), value: OPERATORS },
      ...offered.map(({ name }) => ({
        label: cut(oneLine(modelChoice(name)), LONGEST_CHOICE),
        value: modelChoice(name),
        default: settings.model === name,
      })),
    );
  return { embeds: [embed], components: [new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(menu)] };
}

/** Handles the menu. */
export async function modelPicked(
  needs: ModelsNeeds & { readonly settings: GuildSettings },
  ask: Ask<AnySelectMenuInteraction>,
  guildId: string,
): Promise<void> {
  const { interaction, t } = ask;
  const [value] = interaction.values;
  const chosen = value === OPERATORS ? null : modelNamed(needs.models, value!);
  if (chosen !== null && !chosen?.allowed) throw new Refusal('noModel', { model: value! });
  const settings = await needs.settings.change(guildId, { model: chosen?.name ?? null });
  await interaction.update({ content: t('settings.saved'), ...modelsMessage(needs, ask, settings) });
}

function factsOf({ jobs, config }: ModelsNeeds, { name, model, bytes, dangerous }: OfferedModel, t: Translate): string {
  const { nativeSize, steps, scale, sampler } = model.card;
  const purpose = purposeOf(model);
  const seconds = jobs.estimate({
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
  const facts = [
    `${nativeSize}×${nativeSize}`,
    t('fact.steps', { count: steps }),
    t('models.size', { megabytes: Math.round(bytes / 1e6) }),
    speed,
    ...(inInt8(model, config) ? [t('models.int8')] : []),
    ...(purpose === 'paint' ? [] : [t(`models.${purpose}`)]),
  ].join(' · ');
  const names = dangerous
    .slice(0, 3)
    .map((name) => quote(name, 60))
    .join(', ');
  return dangerous.length > 0 ? `${facts}\n⚠️ ${t('models.dangerous', { names })}` : facts;
}

/** Whether it is painted in int8 on the CPU. */
function inInt8(model: Model, { device, precision }: ModelsNeeds['config']): boolean {
  const onProcessor = device === 'auto' || device === 'cpu';
  return onProcessor && model.kind === 'weights' && takesInt8('cpu', model, precision);
}

/** To two digits, as it is an estimate. */
function rounded(seconds: number): number {
  return Number(seconds.toPrecision(2));
}
