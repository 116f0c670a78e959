import type { Client } from 'discord.js';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { ProgressBoard } from './delivery/progress-board.js';
import type { Drafts } from './expressions/drafts.js';
import type { DiscordClock } from './gateway/discord-clock.js';
import type { OfferedControl } from './models/controls.js';
import type { OfferedModel } from './models/models.js';
import type { OfferedUpscaler } from './models/upscalers.js';
import type { ModerationLog } from './moderation/log.js';
import type { Describer } from './painter/describer.js';
import type { Inspectors } from './painter/inspectors.js';
import type { Painters } from './painter/job-painter.js';
import type { PersonalData } from './privacy/personal-data.js';
import type { JobQueue } from './request/job.js';
import type { Blocks } from './rules/blocks.js';
import type { Limits } from './rules/limits.js';
import type { Preferences } from './rules/preferences.js';
import type { GuildSettings } from './rules/settings.js';
import type { Stats } from './stats/stats.js';
import type { Pictures } from './storage/pictures.js';
import type { Results } from './storage/results.js';

/** The services that commands, buttons and reactions use. */
export interface App {
  readonly config: Config;
  readonly client: Client<true>;
  /** For times that are shown to users. */
  readonly clock: DiscordClock;
  readonly log: Logger;
  readonly jobs: JobQueue;
  readonly results: Results;
  readonly settings: GuildSettings;
  readonly blocks: Blocks;
  readonly preferences: Preferences;
  readonly drafts: Drafts;
  readonly limits: Limits;
  readonly stats: Stats;
  readonly personalData: PersonalData;
  readonly pictures: Pictures;
  readonly inspectors: Inspectors;
  readonly describer: Describer;
  readonly painters: Painters;
  readonly board: ProgressBoard;
  readonly moderation: ModerationLog;
  /** Whether this is the bot that works, if there are several; always true otherwise. */
  readonly leads: () => boolean;
  /** By name; includes the configured one. */
  readonly models: ReadonlyMap<string, OfferedModel>;
  readonly controls: readonly OfferedControl[];
  readonly upscalers: readonly OfferedUpscaler[];
}
