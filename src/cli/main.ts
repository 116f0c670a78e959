#!/usr/bin/env node
import { EaselError } from '../engine/errors.js';
import { easel } from './program.js';

const interrupted = new AbortController();
process.once('SIGINT', () => {
  interrupted.abort(new EaselError('Interrupted. The pictures that were finished are saved.'));
});

const { stdout: out, stderr: err } = process;
process.exitCode = await easel(process.argv.slice(2), { out, err, signal: interrupted.signal });
