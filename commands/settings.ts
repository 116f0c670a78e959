import { PermissionFlagsBits } from 'discord.js';
import { choices, described, IN_SERVERS, slashCommand } from '../src/bot/gateway/command-data.js';
import type { ChatCommand } from '../src/bot/interactions/command.js';
import { askFor, confirm, showSettings } from '../src/bot/interactions/settings-menu.js';
import { SCALE, STEPS } from '../src/bot/request/bounds.js';
import { managedGuild } from '../src/bot/rules/manager.js';
import type { GuildSettings, Settings, SettingsChange } from '../src/bot/rules/settings.js';
import { LANGUAGES, languageName } from '../src/bot/text/i18n.js';
import { Refusal } from '../src/bot/text/refusal.js';
import { SPEED_NAMES, type Speed } from '../src/engine/pipeline/speed.js';

/** /settings: a server's rules, for its managers. Lists are chosen from menus, numbers are options. */
export const settings: ChatCommand<{ readonly settings: GuildSettings }> = {
  data: () => {
    const languages = LANGUAGES.map((value) => ({ name: languageName(value), value }));
    return slashCommand('settings', IN_SERVERS)
      .setDefaultMemberPermissions(PermissionFlagsBits.ManageGuild)
      .addSubcommand((s) => described(s, 'settings', 'show'))
      .addSubcommand((s) => described(s, 'settings', 'channels'))
      .addSubcommand((s) => described(s, 'settings', 'roles'))
      .addSubcommand((s) => described(s, 'settings', 'words'))
      .addSubcommand((s) =>
        described(s, 'settings', 'limits').addIntegerOption((o) =>
          described(o, 'settings', 'per_hour').setRequired(true).setMinValue(0).setMaxValue(10_000),
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

  async execute({ settings }, ask) {
    const { interaction } = ask;
    const { options } = interaction;
    const guildId = managedGuild(interaction);
    const change = async (values: SettingsChange) => confirm(ask, await settings.change(guildId, values));
    switch (options.getSubcommand()) {
      case 'channels':
      case 'roles':
      case 'words':
        return askFor(ask, options.getSubcommand() as 'channels' | 'roles' | 'words');
      case 'limits':
        return change({ perHour: options.getInteger('per_hour', true) });
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
