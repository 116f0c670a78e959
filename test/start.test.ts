import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/package-root.js';

test.each([[['inspect', 'x.png']], [['txt2img']], [['--nonsense']]])(
  '%j is for the command line: no bot is started',
  (words) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/src/main.js', ...words], {
      cwd: packageRoot,
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      `easel: this starts the bot and takes no arguments. The command line is: npx easel ${words.join(' ')}\n`,
    );
  },
);

test('--help is no error', () => {
  const { status, stdout } = spawnSync(process.execPath, ['dist/src/main.js', '--help'], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([0, expect.stringContaining('DISCORD_TOKEN')]);
});
