import { join } from 'node:path';
import { getHFHubCachePath } from '@huggingface/hub';
import { loadPullConfig } from '../config.js';
import { EaselError } from '../engine/errors.js';
import { CATALOGUE } from '../pull/catalogue.js';
import { type Plan, type PlanOptions, planOf, planOfChecker } from '../pull/plan.js';
import { type PulledFile, pull } from '../pull/pull.js';
import { sizeOf } from '../pull/size.js';
import { targetOf } from '../pull/target.js';
import { Web } from '../pull/web.js';
import { pullFolder } from './models.js';
import type { Report } from './report.js';

export interface PullArguments {
  revision?: string;
  file?: string;
  sha256?: string;
  as?: string;
  into?: string;
  yes?: boolean;
  /** False for --no-safety-checker. */
  safetyChecker?: boolean;
  json?: boolean;
}

/** `easel pull`: fetches a model, and the safety checker that it needs. Without a name: the names that it knows. */
export async function runPull(
  name: string | undefined,
  args: PullArguments,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  if (name === undefined) return listNames(report);
  try {
    await pullNamed(name, args, report, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new EaselError('Interrupted. What has arrived is kept: the same command goes on from there.', {
      cause: error,
    });
  }
}

async function pullNamed(name: string, args: PullArguments, report: Report, signal: AbortSignal): Promise<void> {
  const { endpoint, hubToken, civitaiToken, proxies } = loadPullConfig();
  const credentials = new Map([
    ...(hubToken ? [[endpoint.origin, hubToken] as const] : []),
    ...(civitaiToken ? CIVITAI.map((origin) => [origin, civitaiToken] as const) : []),
  ]);
  await using web = new Web({ credentials, signal, proxies, onWait: (why) => report.notice(why) });
  const options: PlanOptions = { ...args, endpoint, cache: getHFHubCachePath() };
  const target = targetOf(name, endpoint);
  const plan = await planOf(web, target, options);
  const plans = [plan];
  const modelsDir = pullFolder(args.into);
  if (plan.checker !== undefined && args.safetyChecker !== false) {
    plans.push(await checkerFor(web, options, plan.checker, modelsDir));
  }
  await agree(plans, args, report);
  for (const each of plans) {
    await pull(web, each, {
      endpoint,
      modelsDir,
      onProgress: (received, total) => report.transfer(each.title, received, total),
      onFile: ({ path, sha256, how }: PulledFile) => {
        report.event({ event: 'pulled', path, sha256, how });
        if (how !== 'fetched') report.say(`${path}: ${how}.`);
      },
    });
    report.say(`${each.title} is in ${join(modelsDir, each.name)}.`);
  }
  if (plan.checker !== undefined) {
    report.say(
      `The bot paints with it from its next start, unless MODEL is set. Here: npx easel txt2img --model ${plan.name} --prompt "a red apple"`,
    );
  }
}

const CIVITAI = ['https://civitai.com', 'https://www.civitai.com', 'https://civitai.red'];

/** Also from the copy for single files, if there is one. */
async function checkerFor(web: Web, options: PlanOptions, into: string, modelsDir: string): Promise<Plan> {
  const plan = await planOfChecker(web, options, into);
  const files = plan.files.map((file) => ({
    ...file,
    atHand: [...file.atHand, join(modelsDir, 'safety_checker', file.to.split('/').at(-1)!)],
  }));
  return { ...plan, files };
}

/** Shows what is fetched under which licence. @throws EaselError unless that is agreed to. */
async function agree(plans: readonly Plan[], { yes }: PullArguments, report: Report): Promise<void> {
  for (const { title, page, licence, files, commit, name } of plans) {
    const bytes = files.reduce((sum, { size = 0 }) => sum + size, 0);
    report.say(
      `${title}: ${files.length === 1 ? '1 file' : `${files.length} files`}, ${bytes > 0 ? sizeOf(bytes) : 'of unknown size'}, from ${page}`,
    );
    report.say(
      licence
        ? `  Licence: ${licence.name}. Read it: ${licence.url}`
        : `  Its page names no licence. Read what its maker allows: ${page}`,
    );
    report.event({
      event: 'plan',
      title,
      page,
      commit,
      name,
      licence,
      bytes,
      files: files.map(({ to, size, sha256 }) => ({ to, size, sha256 })),
    });
  }
  if (yes) return;
  const answer = await report.ask(
    plans.length === 1 ? 'Do you agree to this licence?' : 'Do you agree to these licences?',
  );
  if (answer) return;
  throw new EaselError(
    answer === false
      ? 'Nothing was fetched, because the licence was not agreed to.'
      : 'Nothing was fetched: nobody is there to agree to the licence. Read it, and add --yes if you agree.',
  );
}

function listNames(report: Report): void {
  for (const [name, { title, bytes, licence, from, files, source }] of Object.entries(CATALOGUE)) {
    report.say(`${name}: ${title}, ${sizeOf(bytes)}, ${licence.name}`);
    report.event({ event: 'name', name, title, bytes, licence, from, files, source });
  }
  report.say('Or OWNER/NAME from huggingface.co, or the address of a file. See: npx easel pull --help');
}
