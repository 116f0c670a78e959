#!/usr/bin/env node
import { EaselError } from '../engine/errors.js';
import { nodeTooOld } from '../node-version.js';

/** What a shell says of a program that ended by it: 128 and the signal's number. */
const BY_SIGPIPE = 141;

/** Milliseconds after Ctrl+C in which most things end, so that nothing needs to be said. */
const PATIENCE = 1500;
const UNFINISHED = 'easel: what is being computed still has to end. Press Ctrl+C again to end it at once.';

const { stdout: out, stderr: err } = process;
// Whoever reads the output may have seen enough, as `head` does: that is no error, and other programs end at it unheard,
// by SIGPIPE, which Node ignores.
for (const stream of [out, err]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(BY_SIGPIPE);
  });
}
const refusal = nodeTooOld();
if (refusal) {
  err.write(`easel: ${refusal}\n`);
  process.exitCode = 1;
} else {
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    interrupted.abort(new EaselError('Interrupted. The pictures that were finished are saved.'));
    // What ONNX Runtime has begun cannot be stopped: a large picture takes the autoencoder a minute. Nobody listens to a second
    // SIGINT, which therefore ends the process.
    setTimeout(() => err.write(`${err.isTTY ? '\n' : ''}${UNFINISHED}\n`), PATIENCE).unref();
  });
  const { showSources } = await import('../source-stack.js');
  process.on('uncaughtExceptionMonitor', showSources);
  const { easel } = await import('./program.js');
  const { askAt } = await import('./ask.js');
  const ask = process.stdin.isTTY && err.isTTY ? askAt(err, interrupted.signal) : undefined;
  process.exitCode = await easel(process.argv.slice(2), { out, err, signal: interrupted.signal, ...(ask && { ask }) });
}
