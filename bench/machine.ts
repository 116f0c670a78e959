import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../src/package-root.js';

/** Instructions that decide how fast matrices are. */
const FLAGS = /^(avx2|avx512f|avx512_vnni|avx_vnni|avx512_bf16|avx512_fp16|amx_bf16|amx_int8|asimddp|i8mm|bf16|sve)$/;

/** What the figures depend on, for the head of the results. */
export function describeMachine(): [what: string, value: string][] {
  const flags = [...new Set(cpuinfo().split(/\s+/))].filter((flag) => FLAGS.test(flag));
  return [
    ['processor', cpus()[0]?.model.trim() ?? 'unknown'],
    ['instructions', flags.join(', ') || 'unknown'],
    ['cores', String(availableParallelism())],
    ['memory', `${(totalmem() / 1e9).toFixed(1)} GB`],
    ['system', `${process.platform} ${release()}, ${process.arch}`],
    [
      'load at the start',
      loadavg()
        .map((load) => load.toFixed(1))
        .join(', '),
    ],
    ['date', new Date().toISOString().slice(0, 16).replace('T', ' ')],
  ];
}

export function ownVersions(): string[] {
  const manifest = join(packageRoot, 'node_modules/onnxruntime-node/package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return [`Node ${process.versions.node}`, `onnxruntime-node ${version}`, `Easel ${commit()}`];
}

function commit(): string {
  try {
    const git = (...words: string[]) => execFileSync('git', words, { cwd: packageRoot, encoding: 'utf8' }).trim();
    return git('describe', '--always', '--dirty', '--abbrev=9');
  } catch {
    return 'without git';
  }
}

function cpuinfo(): string {
  try {
    return /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
