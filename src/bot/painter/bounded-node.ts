import { execFileSync } from 'node:child_process';

/**
 * How to start Node with a memory limit. Linux enforces it for everything a process may write to (setrlimit(2),
 * RLIMIT_DATA): a shell sets it and then becomes Node. Elsewhere the process watches itself.
 *
 * @param memory limit in bytes; undefined for none.
 */
export function boundedNode(memory: number | undefined): { execPath?: string; execArgv: string[] } {
  if (memory === undefined || process.platform !== 'linux') return { execArgv: [] };
  const script = `ulimit -d ${Math.ceil((memory + reserved()) / 1024)}; exec "$0" "$@"`;
  return { execPath: '/bin/sh', execArgv: ['-c', script, process.execPath] };
}

let measured: number | undefined;

/**
 * Bytes that count towards the limit though Node only reserves them for V8's code: 55 MB in Node 20, 575 MB since 24.
 */
function reserved(): number {
  measured ??= measure();
  return measured;
}

function measure(): number {
  const print = 'process.stdout.write(require("fs").readFileSync("/proc/self/status"))';
  const status = execFileSync(process.execPath, ['-e', print], { encoding: 'utf8', env: {} });
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return Math.max(0, kilobytes('VmData') - kilobytes('VmRSS')) * 1024;
}
