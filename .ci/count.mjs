// Adds up vitest's own JSON reports, and names again what failed, since the whole output is long. A suite that did not load
// counts as one failure, a missing report as a failed run, and so does a test that was skipped without being named, with its
// reason, in skips.json. Files that were run again (NAME-again.json) count as they ended then, and what failed at first is named.
// `--failed REPORT` prints the files that failed, a line each.
import { existsSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const allowed = read(new URL('skips.json', import.meta.url));
const firstLine = (text = '') => stripVTControlCharacters(text).split('\n', 1)[0].slice(0, 300);
const pathOf = (suite) => suite.name.slice(suite.name.lastIndexOf('/test/') + 1);

if (process.argv[2] === '--failed') {
  for (const suite of read(process.argv[3]).testResults) if (suite.status === 'failed') console.log(pathOf(suite));
  process.exit();
}

const counts = { passed: 0, failed: 0, skipped: 0 };
for (const file of process.argv.slice(2)) {
  try {
    const suites = new Map(read(file).testResults.map((suite) => [pathOf(suite), suite]));
    const again = file.replace('.json', '-again.json');
    for (const suite of existsSync(again) ? read(again).testResults : []) {
      for (const failure of failuresOf(suites.get(pathOf(suite))))
        console.error(`${file}: failed at first, and was run again: ${failure}`);
      suites.set(pathOf(suite), suite);
    }
    for (const suite of suites.values()) count(file, suite);
  } catch (error) {
    console.error(`${file}: ${error.message}`);
    counts.failed += 1;
  }
}
console.log(`${counts.skipped} skipped for the reasons in .ci/skips.json`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;

function count(file, suite) {
  for (const failure of failuresOf(suite)) {
    console.error(`${file}: ${failure}`);
    counts.failed += 1;
  }
  for (const { status, fullName } of suite.assertionResults) {
    if (status === 'passed') counts.passed += 1;
    if (status === 'passed' || status === 'failed') continue;
    if (allowed.some((skip) => skip.file === pathOf(suite) && fullName.includes(skip.test))) {
      counts.skipped += 1;
      continue;
    }
    console.error(`${pathOf(suite)}: "${fullName}" was skipped (${status}), and .ci/skips.json does not say why`);
    counts.failed += 1;
  }
}

function failuresOf(suite) {
  if (suite.status === 'failed' && suite.assertionResults.every(({ status }) => status !== 'failed'))
    return [`${pathOf(suite)} did not load or end: ${firstLine(suite.message)}`];
  return suite.assertionResults
    .filter(({ status }) => status === 'failed')
    .map(
      ({ fullName, failureMessages }) => `${pathOf(suite)} "${fullName}" failed: ${firstLine(failureMessages?.[0])}`,
    );
}
