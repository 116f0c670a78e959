import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { Api } from './api/server.js';
import { memoryOf } from './models/memory.js';
import { openAdditions, openModels } from './models/open-models.js';
import { Releases } from './ops/releases.js';
import { Inspectors } from './painter/inspectors.js';
import { LocalPainters } from './painter/local-painters.js';
import { Jobs } from './queue/jobs.js';
import { Limits } from './rules/limits.js';
import { GuildSettings } from './rules/settings.js';
import { Pictures } from './storage/pictures.js';
import { Store } from './storage/store.js';
import { operatorWords } from './words/operator-words.js';

/** Bytes of pictures that requests start from. */
const PICTURE_CACHE = 512 * 2 ** 20;
/** Milliseconds that what is being painted has to end. */
const PATIENCE = 2000;

/** The HTTP API without a bot. */
export interface Serving {
  readonly url: string;
  /** The model that paints where nobody names another. */
  readonly model: string;
  stop(): Promise<void>;
}

/**
 * The HTTP API with a queue and painter processes of its own, as the bot's are. Whoever waits is gone when it ends, so that
 * nothing is kept: store and pictures are in a folder that is deleted.
 *
 * @throws EaselError about the configuration, the models or the address.
 */
export async function startServing(settings: Config, log: Logger): Promise<Serving> {
  const releases = new Releases();
  try {
    const everywhere = operatorWords(settings);
    const { config, models, model } = await openModels(settings, log);
    const painters = LocalPainters.start(config, log);
    releases.defer(() => painters.close());
    await painters.keepThoseThatFit(memoryOf(model));
    painters.prepare(config.model);
    const { controls, upscalers } = await openAdditions(config, models, log);
    const dataDir = await mkdtemp(join(tmpdir(), 'easel-serve-'));
    releases.defer(() => rm(dataDir, { recursive: true, force: true }));
    const own = { ...config, dataDir, databaseUrl: `sqlite://${join(dataDir, 'easel.sqlite')}` };
    const store = await Store.open(own);
    releases.defer(() => store.close());
    const pictures = await Pictures.open(join(dataDir, 'pictures'), PICTURE_CACHE);
    const inspectors = new Inspectors(log);
    releases.defer(() => inspectors.close());
    const jobs = await Jobs.open({ config: own, store, painters, inspectors, pictures, log });
    releases.defer(() => jobs.shutdown(PATIENCE));
    const limits = await Limits.open(store, config);
    const rules = new GuildSettings(store.namespace('settings'), log, everywhere);
    const parts = { config, models, controls, upscalers, pictures, jobs, limits, settings: rules, log };
    const api = await Api.listen(parts);
    releases.defer(() => api.close());
    jobs.start(async (job, outcome) => api.deliver(job, outcome));
    return { url: api.url, model: config.model, stop: () => releases.all() };
  } catch (error) {
    await releases.all();
    throw error;
  }
}
