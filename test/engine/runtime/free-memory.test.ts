import { describe, expect, test } from 'vitest';
import { freeMemory, freeOnLinux } from '../../../src/engine/runtime/free-memory.js';

const GB = 2 ** 30;
const MEMINFO = `MemTotal:       ${32 * 2 ** 20} kB\nMemFree:         ${2 ** 20} kB\nMemAvailable:   ${20 * 2 ** 20} kB\n`;

function free(files: Record<string, string>): number {
  return freeOnLinux((path) => ({ '/proc/meminfo': MEMINFO, ...files })[path]) / GB;
}

describe('memory that is free on Linux', () => {
  test('without any limit: what the machine has available, caches included', () => {
    expect(free({})).toBe(20);
    expect(free({ '/proc/self/cgroup': '0::/\n' })).toBe(20);
  });

  test('cgroup v2, as in a container: cached files give way', () => {
    const files = {
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/memory.max': `${6 * GB}\n`,
      '/sys/fs/cgroup/memory.high': 'max\n',
      '/sys/fs/cgroup/memory.current': `${5 * GB}\n`,
      '/sys/fs/cgroup/memory.stat': `anon ${2 * GB}\nfile ${3 * GB}\ninactive_file ${GB}\nactive_file ${2 * GB}\n`,
    };
    expect(free(files)).toBe(4);
    expect(free({ ...files, '/sys/fs/cgroup/memory.max': 'max\n' })).toBe(20);
    expect(free({ ...files, '/sys/fs/cgroup/memory.high': `${3 * GB}\n` })).toBe(1);
    expect(free({ ...files, '/sys/fs/cgroup/memory.high': `${GB}\n` })).toBe(0);
  });

  test('cgroup v2: the least of all groups around the process', () => {
    expect(
      free({
        '/proc/self/cgroup': '0::/user.slice/easel.service\n',
        '/sys/fs/cgroup/user.slice/memory.max': `${3 * GB}\n`,
        '/sys/fs/cgroup/user.slice/memory.current': `${GB}\n`,
        '/sys/fs/cgroup/user.slice/easel.service/memory.max': `${8 * GB}\n`,
        '/sys/fs/cgroup/user.slice/easel.service/memory.current': `${GB}\n`,
      }),
    ).toBe(2);
  });

  test('cgroup v1: a group of its own, and a container that sees the path of the machine', () => {
    const files = (folder: string) => ({
      '/proc/self/cgroup': '11:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n1:name=systemd:/docker/abc\n0::/\n',
      [`/sys/fs/cgroup/memory${folder}/memory.limit_in_bytes`]: `${4 * GB}\n`,
      [`/sys/fs/cgroup/memory${folder}/memory.usage_in_bytes`]: `${3 * GB}\n`,
      [`/sys/fs/cgroup/memory${folder}/memory.stat`]: `cache 1\ntotal_inactive_file ${GB}\ntotal_active_file ${GB}\n`,
    });
    expect(free(files('/docker/abc'))).toBe(3);
    expect(free(files(''))).toBe(3);
    const none = { ...files(''), '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' };
    expect(free(none)).toBe(20);
  });

  test("the process's own limit", () => {
    const limits = (text: string) => ({
      '/proc/self/limits': `Limit                     Soft Limit           Hard Limit           Units\nMax address space         ${text}           unlimited            bytes\n`,
      '/proc/self/status': `Name:\tnode\nVmSize:\t ${2 ** 20} kB\n`,
    });
    expect(free(limits(`${4 * GB}`))).toBe(3);
    expect(free(limits('unlimited'))).toBe(20);
  });

  test('texts that mean nothing are no limit', () => {
    const files = { '/proc/self/cgroup': 'what\n\n:::\n', '/proc/self/limits': '', '/sys/fs/cgroup/memory.max': '-1' };
    expect(free(files)).toBe(20);
    expect(freeOnLinux(() => undefined)).toBeGreaterThan(0);
  });
});

test('here', () => {
  expect(freeMemory()).toBeGreaterThan(2 ** 27);
});
