import { hostname } from 'node:os';
import { offeredModels } from '../bot/models/models.js';
import { createLogger } from '../bot/ops/log.js';
import { LocalPainters } from '../bot/painter/local-painters.js';
import { Machine } from '../bot/remote/machine.js';
import { ownFit } from '../bot/remote/open.js';
import { weightsThere } from '../bot/remote/weights-there.js';
import { loadPaintConfig, type PaintConfig } from '../config.js';
import { prepareDataDir } from '../data-dir.js';
import { EaselError } from '../engine/errors.js';
import { freeMemory } from '../engine/runtime/free-memory.js';
import { onnxRuntime } from '../engine/runtime/native.js';
import type { Device } from '../engine/runtime/provider.js';
import type { Report } from './report.js';
import { untilStopped } from './until-stopped.js';

export interface PaintArguments {
  json?: boolean;
  queue?: string;
  models?: string;
  slots?: number;
  device?: string;
  threads?: number;
}

/** What is kept here holds prompts' pictures. */
const PRIVATE = 0o077;

/** `easel paint`: paints for a bot on another machine until it is stopped; then what it has is first in line elsewhere. */
export async function runPaint(args: PaintArguments, report: Report, signal: AbortSignal): Promise<void> {
  const config = loadPaintConfig(args);
  process.umask(PRIVATE);
  prepareDataDir(config.dataDir);
  await onnxRuntime();
  const log = createLogger(config);
  const models = await usableModels(config, (name, err) => log.warn({ model: name, err }, 'a model cannot be used'));
  const digests = await weightsThere(config, models);
  const painters = LocalPainters.start(config, log, freeMemory(), nameOf).all;
  const machine = await Machine.open({
    url: config.painters,
    painters,
    fit: ownFit(config),
    models: digests,
    dataDir: config.dataDir,
    log,
  });
  report.event({ event: 'paints', painters: machine.names, models: [...models.keys()] });
  log.info({ painters: machine.names, models: [...models.keys()] }, 'painting for a bot on another machine');
  const lost = await Promise.race([untilStopped(signal), machine.lost]);
  await machine.close();
  if (lost) throw lost;
  log.info('stopped; what was being painted is first in line elsewhere');
}

/** Paths by name. @throws EaselError if there is none. */
async function usableModels(
  { modelsDir, safetyChecker }: PaintConfig,
  onUnusable: (name: string, error: EaselError) => void,
): Promise<Map<string, string>> {
  const offered = [...(await offeredModels(modelsDir, safetyChecker, onUnusable)).values()];
  const usable = offered.filter(({ allowed }) => allowed);
  if (usable.length > 0) return new Map(usable.map(({ name, path }) => [name, path]));
  const why =
    offered.length > 0
      ? `The models in ${modelsDir} need a safety checker that is not there. Get it with: npx easel pull safety-checker --into ${modelsDir}`
      : `There is no model in ${modelsDir}. Get one with: npx easel pull sd-v1-5 --into ${modelsDir}`;
  throw new EaselError(`${why}, or name another folder with --models.`);
}

/** What each is called where several machines paint. */
function nameOf(device: Device): string {
  return device === 'auto' ? hostname() : `${hostname()} ${device}`;
}
