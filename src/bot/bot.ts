import { join } from 'node:path';
import { type Client, Events } from 'discord.js';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { EaselError } from '../engine/errors.js';
import type { ApiNeeds } from './api/needs.js';
import type { Api } from './api/server.js';
import type { App } from './app.js';
import { deliverer } from './delivery/delivery.js';
import { ProgressBoard } from './delivery/progress-board.js';
import { Drafts } from './expressions/drafts.js';
import { keepSweeping } from './expressions/sweep.js';
import { closedForGood, createClient, inviteLink, login } from './gateway/client.js';
import { DiscordClock } from './gateway/discord-clock.js';
import { registerCommands } from './gateway/registry.js';
import { logShards } from './gateway/shards.js';
import { resumed } from './intake/resumed.js';
import type { Commands } from './interactions/command.js';
import { listenToMentions } from './interactions/greeting.js';
import { listenToReactions } from './interactions/reactions.js';
import { route } from './interactions/router.js';
import { memoryOf } from './models/memory.js';
import type { Models } from './models/models.js';
import { openAdditions, openModels } from './models/open-models.js';
import { ModerationLog } from './moderation/log.js';
import { Health } from './ops/health.js';
import { Releases } from './ops/releases.js';
import { standBy } from './ops/stand-by.js';
import { Describer } from './painter/describer.js';
import { Inspectors } from './painter/inspectors.js';
import type { Painters } from './painter/job-painter.js';
import { LocalPainters } from './painter/local-painters.js';
import { keepLeftoversAway } from './privacy/leftovers.js';
import { listEarlier } from './privacy/list-earlier.js';
import { PersonalData } from './privacy/personal-data.js';
import { Jobs } from './queue/jobs.js';
import { API_PLACE, isOverApi, type Job } from './request/job.js';
import { Blocks } from './rules/blocks.js';
import { Limits } from './rules/limits.js';
import { Preferences } from './rules/preferences.js';
import { GuildSettings } from './rules/settings.js';
import { Stats } from './stats/stats.js';
import { JobLists } from './storage/job-lists.js';
import { Pictures } from './storage/pictures.js';
import { Results } from './storage/results.js';
import { Store } from './storage/store.js';
import { LANGUAGES, missingTexts } from './text/i18n.js';
import { operatorWords } from './words/operator-words.js';

/** Bytes of source pictures and results kept on disk; results that are dropped can be fetched from Discord again. */
const PICTURE_CACHE = 2 * 1024 ** 3;
/** Milliseconds that running work has to finish when the bot stops. */
const PATIENCE = 8000;

/** A running bot. */
export interface Bot {
  readonly app: App;
  /** For the operator: adds the bot to a server with exactly the permissions it needs. */
  readonly inviteLink: string;
  /** The address of the HTTP API, if it is served. */
  readonly apiUrl: string | undefined;
  /** Resolves when Discord closes the connection for good, or another bot leads, with the reason; the bot must then be stopped. */
  readonly closed: Promise<EaselError>;
  /** Accepts nothing more, finishes or saves what is running, and releases everything. */
  stop(): Promise<void>;
}

/**
 * Starts the bot: first models and store, so that mistakes in the configuration show before it connects; then the
 * connection; then the jobs left from before.
 *
 * @param ahead painters that open the model meanwhile; they are closed with the bot, also if the bot does not start.
 * @throws EaselError about the configuration, the store, or what Discord refuses.
 */
export async function startBot(
  settings: Config,
  log: Logger,
  commands: Commands<App>,
  ahead?: LocalPainters,
): Promise<Bot> {
  const releases = new Releases();
  const local = settings.painters ? undefined : (ahead ?? LocalPainters.start(settings, log));
  releases.defer(async () => local?.close());
  try {
    return await start(settings, log, commands, local, ahead, releases);
  } catch (error) {
    await releases.all();
    throw error;
  }
}

async function start(
  settings: Config,
  log: Logger,
  commands: Commands<App>,
  local: LocalPainters | undefined,
  ahead: LocalPainters | undefined,
  releases: Releases,
): Promise<Bot> {
  const everywhere = operatorWords(settings);
  const { config, models, model } = await openModels(settings, log);
  await local?.keepThoseThatFit(memoryOf(model));
  ahead?.prepare(config.model);
  const { controls, upscalers } = await openAdditions(config, models, log);
  const elsewhere = local ? undefined : await paintersElsewhere(config, models, log);
  const store = await Store.open(config);
  releases.defer(() => store.close());
  const leader = config.standby ? await standBy(config, store, log) : undefined;
  releases.defer(() => leader?.release());
  const painters: Painters = local ?? (await elsewhere!());
  if (!local) releases.defer(() => painters.close());
  const pictures = await Pictures.open(join(config.dataDir, 'pictures'), PICTURE_CACHE);
  const inspectors = new Inspectors(log);
  releases.defer(() => inspectors.close());
  const describer = new Describer(config, log);
  releases.defer(() => describer.close());
  // Listeners are only called once it is ready.
  const clock = new DiscordClock();
  const client = createClient(config, clock, leader?.assert) as Client<true>;
  const { hostname } = new URL(config.discordApiUrl ?? 'https://discord.com/api');
  for (const language of LANGUAGES) {
    const texts = missingTexts(language);
    if (texts.length > 0)
      log.warn(
        { language, missing: texts.length, texts: texts.slice(0, 5) },
        'texts are in English for readers of a language',
      );
  }
  // The token is sent there, so the operator should see it.
  if (hostname !== 'discord.com') log.warn({ host: hostname }, 'DISCORD_API_URL is not Discord');
  releases.defer(() => client.destroy());
  const stats = new Stats(store.namespace('stats'), log);
  releases.defer(() => stats.settled());
  const members = store.namespace('members');
  const results = new Results(store.namespace('results'), new JobLists(members));
  const rules = new GuildSettings(store.namespace('settings'), log, everywhere);
  const offer = { models, config, controls, upscalers, settings: rules, results };
  const revised = (job: Job) => resumed(offer, job);
  const jobs = await Jobs.open({ config, store, painters, inspectors, pictures, log, leader, revised });
  releases.defer(() => jobs.shutdown(leader?.leads === false ? 0 : PATIENCE));
  // Whoever waited for them before a restart is gone.
  await jobs.forget(API_PLACE);
  jobs.events.on('delivered', ({ id }) => void painters.forget?.(id));
  jobs.events.on('painted', (job, seconds, _, cpu) => stats.painted(job, seconds, cpu));
  const hidesPreviews = (name: string) => config.safetyChecker && models.get(name)?.model.safetyChecker !== undefined;
  const board = new ProgressBoard({ client, jobs, log, clock, hidesPreviews });
  releases.defer(() => board.stop());
  const ofUsers = {
    jobs,
    results,
    drafts: new Drafts(store.namespace('drafts')),
    blocks: new Blocks(store.namespace('blocks'), clock.now),
    preferences: new Preferences(members),
    limits: await Limits.open(store, config, clock.now),
    stats,
    pictures,
  };
  releases.defer(await keepSweeping({ ...ofUsers, log }));
  releases.defer(keepLeftoversAway({ ...ofUsers, log }));
  const moderation = new ModerationLog({ client, settings: rules, results: ofUsers.results, log });
  releases.defer(() => moderation.close());
  jobs.events.on('queued', (job) => moderation.asked(job));
  releases.defer(listEarlier(ofUsers.results, members, log));
  const app: App = {
    ...ofUsers,
    config,
    client,
    clock,
    log,
    settings: rules,
    moderation,
    personalData: new PersonalData({ ...ofUsers, store }),
    inspectors,
    describer,
    painters,
    board,
    models,
    controls,
    upscalers,
    leads: () => leader?.leads ?? true,
  };
  client.on(Events.Error, (error) => log.error({ err: error }, 'the Discord client reports an error'));
  client.on(Events.Warn, (message) => log.warn(message));
  logShards(client, log);
  // It also answers while Discord cannot be reached.
  const health = await Health.listen({ config, store, jobs, client, leader });
  releases.defer(() => health.close());
  const api = config.apiPort === undefined ? undefined : await openApi({ ...app, jobs });
  releases.defer(() => api?.close());
  route(app, commands);
  listenToReactions(app);
  listenToMentions(app);
  const lost: Promise<EaselError>[] = leader ? [leader.lost] : [];
  const unlessLost = <T>(work: Promise<T>): Promise<T> =>
    Promise.race([work, ...lost.map((error) => error.then(async (why) => Promise.reject(why)))]);
  // At once: the one that leads now answers.
  for (const error of lost) void error.then(() => client.destroy());
  jobs.paint();
  // Last, so that every event from the first moment on has its listener.
  await unlessLost(login(client, config.discordToken, log));
  const closed = Promise.race([closedForGood(client), ...lost]);
  for (const job of jobs.list()) if (!isOverApi(job)) board.follow(job);
  const deliver = deliverer(app);
  jobs.start(async (job, outcome, nonce) => {
    if (isOverApi(job)) return api?.deliver(job, outcome);
    await leader?.confirm();
    await deliver(job, outcome, nonce);
    moderation.flagged(job, outcome);
  });
  const { chatCommands, messageCommands } = commands;
  const bodies = [...chatCommands.values(), ...messageCommands.values()].map((command) => command.data(app));
  const told = await unlessLost(registerCommands(bodies, { client, config, log, store: store.namespace('meta') }));
  // Not before, since it would take time from the first step of what is left.
  inspectors.ready();
  const [guilds, shards] = [client.guilds.cache.size, client.ws.shards.size];
  log.info({ health: health.url, registered: told, guilds, shards, model: config.model }, 'ready');
  return { app, inviteLink: inviteLink(client), apiUrl: api?.url, closed, stop: () => releases.all() };
}

/** Only loaded where it is asked for. */
async function openApi(needs: ApiNeeds): Promise<Api> {
  const { Api } = await import('./api/server.js');
  const api = await Api.listen(needs);
  needs.log.info({ api: api.url, key: needs.config.apiKey !== undefined }, 'the HTTP API is served');
  return api;
}

/** What they need is only loaded where there are any. */
async function paintersElsewhere(config: Config, models: Models, log: Logger): Promise<() => Promise<Painters>> {
  const { remotePainters } = await import('./remote/open.js');
  return remotePainters(config.painters!, config, models, log);
}
