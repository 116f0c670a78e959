// Prints what the changelog says about a version: `node scripts/release-notes.mjs v0.2.0`. Fails for a version that is not
// package.json's, that the changelog does not have, or that it calls unreleased, so that no such release is made.
import { readFileSync } from 'node:fs';

const [tag = ''] = process.argv.slice(2);
const version = tag.replace(/^v/, '');
const read = (file) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const ours = JSON.parse(read('package.json')).version;
if (version !== ours) fail(`The tag is ${tag || 'missing'}, but package.json says ${ours}.`);
const parts = read('CHANGELOG.md').split(/^## /m).slice(1);
const part = parts.find((text) => text.split(/\s/, 1)[0] === version);
if (!part) fail(`CHANGELOG.md has no part about ${version}.`);
const [title, ...lines] = part.split('\n');
if (!/\(\d{4}-\d{2}-\d{2}\)$/.test(title)) fail(`CHANGELOG.md has no date for ${version}: "${title}".`);
console.log(lines.join('\n').trim());

function fail(message) {
  console.error(message);
  process.exit(1);
}
