/**
 * How long a newcomer waits: clones this repository's HEAD into an empty folder, runs `npm ci` and `npm start` there,
 * clicks a prompt, and prints the seconds until the first grid.
 *
 * `npm run measure:first-run`; needs git and Chromium (CHROMIUM is its path if it is somewhere unusual).
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../src/package-root.js';
import { launchBrowser, requireChromium } from './chromium.js';

const PORT = 8431;

requireChromium();
const folder = await mkdtemp(join(tmpdir(), 'easel-first-run-'));
const began = performance.now();
const say = (what: string) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${what}`);
try {
  const checkout = join(folder, 'easel');
  execFileSync('git', ['clone', '--quiet', '--depth', '1', `file://${packageRoot}`, checkout]);
  say('cloned');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: checkout, stdio: ['ignore', 'ignore', 'inherit'] });
  say('npm ci done');
  const env = { ...process.env, DISCORD_TOKEN: '', LOCAL_PORT: String(PORT), HEALTH_PORT: '0', LOG_LEVEL: 'warn' };
  const product = spawn('node', ['dist/src/main.js'], { cwd: checkout, env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(product.stdout!, 'data');
    say('npm start says where it is');
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${PORT}/`);
      await page.locator('easel-greeting .prompt').first().click({ timeout: 60_000 });
      say('clicked the first prompt');
      await page.getByRole('button', { name: 'U4' }).waitFor({ timeout: 120_000 });
      say('the first grid is there');
    } finally {
      await browser.close();
    }
  } finally {
    product.kill('SIGTERM');
    await once(product, 'exit');
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
