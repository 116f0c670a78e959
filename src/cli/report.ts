import { SingleBar } from 'cli-progress';
import type { Progress } from '../engine/pipeline/progress.js';
import { sizeOf } from '../pull/size.js';
import { printable } from './printable.js';

/** How a run reports its progress: a bar on a terminal, plain lines in a pipe, JSON lines for programs. */
export interface Report {
  /** A line for people, on standard output. */
  say(line: string): void;
  /** For programs (--json). */
  event(event: { event: string } & Record<string, unknown>): void;
  notice(line: string): void;
  progress(label: string, progress: Omit<Progress, 'previews'>): void;
  /** Of a download: bytes that are here, and bytes in all. */
  transfer(label: string, received: number, total: number): void;
  /** A question to answer with yes or no; undefined if nobody is there to answer it. */
  ask(question: string): Promise<boolean | undefined>;
}

/** Writes a question and waits for a line. */
export type Asker = (question: string) => Promise<string>;

/** @param asker present if somebody sits at the terminal. */
export function reportFor(
  json: boolean,
  out: NodeJS.WritableStream,
  err: NodeJS.WritableStream & { isTTY?: boolean },
  asker?: Asker,
): Report {
  if (json) return jsonReport(out);
  return err.isTTY ? terminalReport(out, err, asker) : plainReport(out, err);
}

const nobody = async () => undefined;

function jsonReport(out: NodeJS.WritableStream): Report {
  const percents = new EachPart(100);
  const write = (value: object) => out.write(`${JSON.stringify(value)}\n`);
  return {
    say: () => {},
    event: write,
    notice: (message) => write({ event: 'notice', message }),
    progress: (label, { phase, step, total, secondsLeft, secondsPerStep }) =>
      write({ event: 'progress', label, phase, step, total, secondsPerStep, secondsLeft }),
    transfer: (label, received, total) => {
      if (percents.begins(received, total)) write({ event: 'transfer', label, received, total });
    },
    ask: nobody,
  };
}

function plainReport(out: NodeJS.WritableStream, err: NodeJS.WritableStream): Report {
  let told = 0;
  const tenths = new EachPart(10);
  return {
    say: (line) => out.write(`${printable(line)}\n`),
    event: () => {},
    notice: (line) => err.write(`${printable(line)}\n`),
    progress: (label, { phase, step, total, secondsPerStep }) => {
      // Its last step was told of.
      if (phase === 'decode' || phase === 'check') return;
      // One line per tenth keeps logs short.
      const tenth = Math.floor((step * 10) / total);
      if (step <= 1) told = 0;
      if (tenth === told || secondsPerStep === null) return;
      told = tenth;
      err.write(`${label}: step ${step} of ${total}, ${secondsPerStep.toFixed(2)} s per step\n`);
    },
    transfer: (label, received, total) => {
      if (tenths.begins(received, total)) err.write(`${label}: ${sizeOf(received)} of ${sizeOf(total)}\n`);
    },
    ask: nobody,
  };
}

function terminalReport(out: NodeJS.WritableStream, err: NodeJS.WritableStream, asker: Asker | undefined): Report {
  let began = 0;
  let bar: SingleBar | null = null;
  const clear = () => {
    bar?.stop();
    bar = null;
  };
  return {
    say: (line) => {
      clear();
      out.write(`${printable(line)}\n`);
    },
    event: () => {},
    notice: (line) => {
      clear();
      err.write(`${printable(line)}\n`);
    },
    progress: (label, { step, total, secondsPerStep, secondsLeft }) => {
      if (secondsPerStep === null || secondsLeft === null) return;
      if (!bar) {
        bar = new SingleBar({
          format: '{label} {bar} {value}/{total} | {each} s per step | {left} s left',
          stream: err,
        });
        bar.start(total, 0, { label, each: '', left: '' });
      }
      bar.update(step, { label, each: secondsPerStep.toFixed(2), left: Math.ceil(secondsLeft) });
      if (secondsLeft === 0) clear();
    },
    transfer: (label, received, total) => {
      if (!bar) {
        began = performance.now();
        bar = new SingleBar({
          format: '{label} {bar} {here} of {all} | {speed}/s | {eta_formatted} left',
          stream: err,
        });
        bar.start(Math.max(total, 1), received, { label, here: '', all: '', speed: '' });
      }
      bar.setTotal(Math.max(total, 1));
      const seconds = Math.max((performance.now() - began) / 1000, 0.001);
      const [here, all, speed] = [received, total, received / seconds].map(sizeOf);
      bar.update(received, { label, here, all, speed });
      if (received === total) clear();
    },
    ask: async (question) => {
      if (!asker) return undefined;
      clear();
      return /^\s*y(es)?\s*$/i.test(await asker(`${printable(question)} [y/N] `));
    },
  };
}

/** Whether something goes into its next part of `parts`, so that a log of it stays short. */
class EachPart {
  #last = -1;
  constructor(readonly parts: number) {}

  begins(received: number, total: number): boolean {
    const part = Math.floor((received * this.parts) / Math.max(total, 1));
    if (part < this.#last) this.#last = -1;
    if (part === this.#last) return false;
    this.#last = part;
    return true;
  }
}
