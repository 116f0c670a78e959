import { SingleBar } from 'cli-progress';
import type { Progress } from '../engine/pipeline/progress.js';
import { printable } from './printable.js';

/** How a run reports its progress: a bar on a terminal, plain lines in a pipe, JSON lines for programs. */
export interface Report {
  /** A line for people, on standard output. */
  say(line: string): void;
  /** For programs (--json). */
  event(event: { event: string } & Record<string, unknown>): void;
  notice(line: string): void;
  progress(label: string, progress: Progress): void;
}

export function reportFor(
  json: boolean,
  out: NodeJS.WritableStream,
  err: NodeJS.WritableStream & { isTTY?: boolean },
): Report {
  if (json) return jsonReport(out);
  return err.isTTY ? terminalReport(out, err) : plainReport(out, err);
}

function jsonReport(out: NodeJS.WritableStream): Report {
  const write = (value: object) => out.write(`${JSON.stringify(value)}\n`);
  return {
    say: () => {},
    event: write,
    notice: (message) => write({ event: 'notice', message }),
    progress: (label, { step, total, secondsLeft, secondsPerStep }) =>
      write({ event: 'progress', label, step, total, secondsPerStep, secondsLeft }),
  };
}

function plainReport(out: NodeJS.WritableStream, err: NodeJS.WritableStream): Report {
  let told = 0;
  return {
    say: (line) => out.write(`${printable(line)}\n`),
    event: () => {},
    notice: (line) => err.write(`${printable(line)}\n`),
    progress: (label, { step, total, secondsPerStep }) => {
      // One line per tenth keeps logs short.
      const tenth = Math.floor((step * 10) / total);
      if (step === 1) told = 0;
      if (tenth === told) return;
      told = tenth;
      err.write(`${label}: step ${step} of ${total}, ${secondsPerStep.toFixed(2)} s per step\n`);
    },
  };
}

function terminalReport(out: NodeJS.WritableStream, err: NodeJS.WritableStream): Report {
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
      if (!bar) {
        bar = new SingleBar({
          format: '{label} {bar} {value}/{total} | {each} s per step | {left} s left',
          stream: err,
        });
        bar.start(total, 0, { label, each: '', left: '' });
      }
      bar.update(step, { label, each: secondsPerStep.toFixed(2), left: Math.ceil(secondsLeft) });
      if (step === total) clear();
    },
  };
}
