import { ChannelType, PermissionFlagsBits } from 'discord.js';
import { choices, described, IN_SERVERS, slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { chooseLog, type LogNeeds } from '../src/bot/interactions/log-channel.js';
import { askFor, confirm, showSettings } from '../src/bot/interactions/settings-menu.js';
import { tryWords, type WordsNeeds } from '../src/bot/interactions/try-words.js';
import { PROMPT_LENGTH, SCALE, STEPS } from '../src/bot/request/bounds.js';
import { managedGuild } from '../src/bot/rules/manager.js';
import { withQuota } from '../src/bot/rules/quotas.js';
import type { Settings, SettingsChange } from '../src/bot/rules/settings.js';
import { LANGUAGES, languageName } from '../src/bot/text/i18n.js';
import { Refusal } from '../src/bot/text/refusal.js';
import { SPEED_NAMES, type Speed } from '../src/engine/pipeline/speed.js';

/** /settings: a server's rules, for its managers. Lists are chosen from menus, numbers are options. */
export const settings: ChatCommand<WordsNeeds & LogNeeds> = {
  data: () => {
    const languages = LANGUAGES.map((value) => ({ name: languageName(value), value }));
    return slashCommand('settings', IN_SERVERS)
      .setDefaultMemberPermissions(PermissionFlagsBits.ManageGuild)
      .addSubcommand((s) => described(s, 'settings', 'show'))
      .addSubcommand((s) => described(s, 'settings', 'channels'))
      .addSubcommand((s) => described(s, 'settings', 'roles'))
      .addSubcommand((s) =>
        described(s, 'settings', 'words').addStringOption((o) =>
          described(o, 'settings', 'test').setMaxLength(PROMPT_LENGTH),
        ),
      )
      .addSubcommand((s) =>
        described(s, 'settings', 'limits')
          .addIntegerOption((o) =>
            described(o, 'settings', 'per_hour').setRequired(true).setMinValue(0).setMaxValue(10_000),
          )
          .addRoleOption((o) => described(o, 'settings', 'role')),
      )
      .addSubcommand((s) => described(s, 'settings', 'exempt'))
      .addSubcommand((s) =>
        described(s, 'settings', 'log').addChannelOption((o) =>
          described(o, 'settings', 'channel').addChannelTypes(ChannelType.GuildText, ChannelType.GuildAnnouncement),
        ),
      )
      .addSubcommand((s) =>
        described(s, 'settings', 'defaults')
          .addIntegerOption((o) => described(o, 'settings', 'steps_value').setMinValue(0).setMaxValue(STEPS.high))
          .addNumberOption((o) => described(o, 'settings', 'scale_value').setMinValue(0).setMaxValue(SCALE.high))
          .addIntegerOption((o) => described(o, 'settings', 'count_value').setMinValue(1).setMaxValue(4))
          .addStringOption((o) =>
            described(o, 'settings', 'speed_value').addChoices(choices('speed', ['own', ...SPEED_NAMES])),
          ),
      )
      .addSubcommand((s) =>
        described(s, 'settings', 'nsfw').addStringOption((o) =>
          described(o, 'settings', 'policy')
            .setRequired(true)
            .addChoices(choices('nsfw', ['off', 'spoiler'])),
        ),
      )
      .addSubcommand((s) =>
        described(s, 'settings', 'language').addStringOption((o) =>
          described(o, 'settings', 'locale')
            .setRequired(true)
            .addChoices(...choices('settings', ['own']), ...languages),
        ),
      )
      .addSubcommand((s) => described(s, 'settings', 'reset'))
      .toJSON();
  },

  async execute(needs, ask) {
    const { settings } = needs;
    const { interaction } = ask;
    const { options } = interaction;
    const guildId = managedGuild(interaction);
    const change = async (values: SettingsChange) => confirm(ask, await settings.change(guildId, values));
    switch (options.getSubcommand()) {
      case 'words': {
        const text = options.getString('test');
        return text === null ? askFor(ask, 'words') : tryWords(needs, ask, text);
      }
      case 'channels':
      case 'roles':
      case 'exempt':
        return askFor(ask, options.getSubcommand() as 'channels' | 'roles' | 'exempt');
      case 'limits': {
        const perHour = options.getInteger('per_hour', true);
        const role = options.getRole('role');
        return change(role ? (now) => ({ quotas: withQuota(now, role.id, perHour) }) : { perHour });
      }
      case 'log':
        return chooseLog(needs, ask, options.getChannel('channel')?.id ?? null);
      case 'defaults':
        if (options.data[0]?.options?.length === 0) throw new Refusal('nothingSet');
        return change(({ steps, scale, count, speed }) => ({
          steps: options.getInteger('steps_value') ?? steps,
          scale: options.getNumber('scale_value') ?? scale,
          count: options.getInteger('count_value') ?? count,
          speed: speedSet(options.getString('speed_value') as Speed | 'own' | null, speed),
        }));
      case 'nsfw':
        return change({ nsfw: options.getString('policy', true) as Settings['nsfw'] });
      case 'language': {
        const language = options.getString('locale', true);
        return change({ language: language === 'own' ? null : language });
      }
      case 'reset':
        return confirm(ask, await settings.reset(guildId));
      default:
        return showSettings(ask);
    }
  },
};

function speedSet(chosen: Speed | 'own' | null, now: Settings['speed']): Settings['speed'] {
  return chosen === 'own' ? null : (chosen ?? now);
}
