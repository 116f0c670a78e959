// Adds up vitest's own JSON reports, and names again what failed, since the whole output is long. A suite that did not load
// counts as one failure, a missing report as a failed run, and so does a test that was skipped without being named, with its
// reason, in skips.json.
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const allowed = JSON.parse(readFileSync(new URL('skips.json', import.meta.url), 'utf8'));
let [passed, failed, skipped] = [0, 0, 0];
const firstLine = (text = '') => stripVTControlCharacters(text).split('\n', 1)[0].slice(0, 300);
for (const file of process.argv.slice(2)) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    passed += report.numPassedTests;
    failed += report.numFailedTests;
    for (const suite of report.testResults) {
      const path = suite.name.slice(suite.name.lastIndexOf('/test/') + 1);
      if (suite.status === 'failed' && suite.assertionResults.length === 0) {
        console.error(`${file}: ${path} did not load: ${firstLine(suite.message)}`);
        failed += 1;
      }
      for (const { status, fullName, failureMessages } of suite.assertionResults) {
        if (status === 'failed')
          console.error(`${file}: ${path} "${fullName}" failed: ${firstLine(failureMessages?.[0])}`);
        if (status === 'passed' || status === 'failed') continue;
        const known = allowed.some((skip) => skip.file === path && fullName.includes(skip.test));
        if (known) {
          skipped += 1;
          continue;
        }
        console.error(`${path}: "${fullName}" was skipped (${status}), and .ci/skips.json does not say why`);
        failed += 1;
      }
    }
  } catch (error) {
    console.error(`${file}: ${error.message}`);
    failed += 1;
  }
}
console.log(`${skipped} skipped for the reasons in .ci/skips.json`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
