import { createInterface } from 'node:readline/promises';
import type { Asker } from './report.js';

/** Asks on a terminal, and reads the answer from standard input. Ctrl-C and the end of the input are no answer. */
export function askAt(output: NodeJS.WritableStream, signal: AbortSignal): Asker {
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output });
    terminal.once('SIGINT', () => process.emit('SIGINT'));
    try {
      const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
      return await Promise.race([terminal.question(question, { signal }), closed]);
    } finally {
      terminal.close();
    }
  };
}
