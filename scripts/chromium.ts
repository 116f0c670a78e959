import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** First what Playwright runs where nobody looks: the same engine without a browser's own windows, at half the work. */
const PLACES = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Where a Chromium is; undefined where there is none. The environment's CHROMIUM is its path if it is somewhere unusual. */
export const CHROMIUM = [process.env.CHROMIUM, ...PLACES].find((path) => path && existsSync(path));

/** @throws Error if there is none. */
export function requireChromium(): void {
  if (!CHROMIUM) throw new Error('There is no Chromium: set CHROMIUM to the path of one.');
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] });
}
