import pino from 'pino';
import { createLogger } from '../bot/ops/log.js';
import { startServing } from '../bot/serve.js';
import { loadServeConfig } from '../config.js';
import { onnxRuntime } from '../engine/runtime/native.js';
import type { Report } from './report.js';
import { untilStopped } from './until-stopped.js';

export interface ServeArguments {
  json?: boolean;
  port?: number;
  host?: string;
  model?: string;
  models?: string;
  device?: string;
  threads?: number;
}

/** What is kept while it runs holds prompts and pictures. */
const PRIVATE = 0o077;

/** `easel serve`: the HTTP API, until it is stopped. */
export async function runServe(args: ServeArguments, report: Report, signal: AbortSignal): Promise<void> {
  const config = loadServeConfig(args);
  process.umask(PRIVATE);
  await onnxRuntime();
  const serving = await startServing(config, createLogger(config, pino.destination(2)));
  const { url, model } = serving;
  const key = config.apiKey !== undefined;
  report.event({ event: 'serves', url, model, key });
  report.say(`Serving ${model} at ${url}`);
  report.say(`  OpenAI's images:  ${url}/v1`);
  report.say(`  AUTOMATIC1111's:  ${url}/sdapi/v1`);
  report.say(
    key
      ? 'Programs send the key that EASEL_API_KEY has.'
      : 'Every program on this machine may use it; with a key in EASEL_API_KEY, only those that have it.',
  );
  await untilStopped(signal);
  await serving.stop();
}
