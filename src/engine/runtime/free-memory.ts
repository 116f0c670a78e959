import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { posix } from 'node:path';

/** The text of a file, or undefined if there is none. */
export type Read = (path: string) => string | undefined;

/** Bytes that this process can still take: of the machine, of its containers, and of its own limit (`ulimit -v`). */
export function freeMemory(): number {
  if (process.platform === 'linux') return freeOnLinux(readText);
  // macOS counts as free only what is not even a cache.
  if (process.platform === 'darwin') return Math.max(0, totalmem() * MAC_SHARE - process.memoryUsage.rss());
  return freemem();
}

const MAC_SHARE = 0.7;

/** @param read reads files of /proc and /sys. */
export function freeOnLinux(read: Read): number {
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(read('/proc/meminfo') ?? '')?.[1];
  return Math.min(available ? Number(available) * 1024 : freemem(), ...inGroups(read), inAddressSpace(read));
}

/**
 * What is left in each control group around this process (https://docs.kernel.org/admin-guide/cgroup-v2.html, and its
 * cgroup-v1/memory.html). Cached files count as used there, but give way.
 */
function inGroups(read: Read): number[] {
  const lines = (read('/proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'));
  return lines.flatMap(([id, controllers, path]) => {
    if (id === '0' && controllers === '')
      return around(path!).map((folder) => leftInV2(read, `/sys/fs/cgroup${folder}`));
    if (!controllers?.split(',').includes('memory')) return [];
    return around(path!).map((folder) => leftInV1(read, `/sys/fs/cgroup/memory${folder}`));
  });
}

/** A group and those around it. In a container the path may be the machine's: what is there is then the last. */
function around(path: string): string[] {
  const folders = [path];
  for (let at = path; at !== '/' && at.startsWith('/'); folders.push(at)) at = posix.dirname(at);
  return folders.map((folder) => (folder === '/' ? '' : folder));
}

function leftInV2(read: Read, folder: string): number {
  const limit = Math.min(...['memory.max', 'memory.high'].map((file) => limitOf(read(`${folder}/${file}`))));
  const cached = counted(read(`${folder}/memory.stat`), ['active_file', 'inactive_file']);
  return left(limit, read(`${folder}/memory.current`), cached);
}

function leftInV1(read: Read, folder: string): number {
  const cached = counted(read(`${folder}/memory.stat`), ['total_active_file', 'total_inactive_file']);
  return left(limitOf(read(`${folder}/memory.limit_in_bytes`)), read(`${folder}/memory.usage_in_bytes`), cached);
}

function left(limit: number, used: string | undefined, cached: number): number {
  return Math.max(0, limit - Math.max(0, Number(used ?? 0) - cached));
}

/** "max" is no limit, and neither is a number beyond any machine. */
function limitOf(text: string | undefined): number {
  const limit = /^\d+$/.test(text?.trim() ?? '') ? Number(text) : Number.POSITIVE_INFINITY;
  return limit < 2 ** 60 ? limit : Number.POSITIVE_INFINITY;
}

function counted(stat: string | undefined, names: readonly string[]): number {
  return names
    .map((name) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat ?? '')?.[1] ?? 0))
    .reduce((a, b) => a + b);
}

function inAddressSpace(read: Read): number {
  const limit = /^Max address space\s+(\d+)/m.exec(read('/proc/self/limits') ?? '')?.[1];
  const taken = /^VmSize:\s+(\d+) kB/m.exec(read('/proc/self/status') ?? '')?.[1];
  return limit && taken ? Math.max(0, Number(limit) - Number(taken) * 1024) : Number.POSITIVE_INFINITY;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
