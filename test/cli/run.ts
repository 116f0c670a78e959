import { Writable } from 'node:stream';
import { easel } from '../../src/cli/program.js';

/** Where output goes that nobody looks at. */
export function sink(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** Runs the command line in this process, as in a pipe. */
export async function runEasel(argv: readonly string[], signal = new AbortController().signal) {
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        written[name] += chunk;
        done();
      },
    });
  const code = await easel(argv, { out: stream('out'), err: stream('err'), signal });
  return { code, ...written };
}
