#!/usr/bin/env node
import { EaselError } from '../engine/errors.js';
import { nodeTooOld } from '../node-version.js';

const { stdout: out, stderr: err } = process;
const refusal = nodeTooOld();
if (refusal) {
  err.write(`easel: ${refusal}\n`);
  process.exitCode = 1;
} else {
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    interrupted.abort(new EaselError('Interrupted. The pictures that were finished are saved.'));
  });
  const { showSources } = await import('../source-stack.js');
  process.on('uncaughtExceptionMonitor', showSources);
  const { easel } = await import('./program.js');
  const { askAt } = await import('./ask.js');
  const ask = process.stdin.isTTY && err.isTTY ? askAt(err, interrupted.signal) : undefined;
  process.exitCode = await easel(process.argv.slice(2), { out, err, signal: interrupted.signal, ...(ask && { ask }) });
}
