// Loaded into the processes that try a device (node --require), where BROKEN_DRIVER says what its driver does:
// "SIGSEGV 2" gets that signal when its third session is made, "exit 1 0" exits with 1 at the first, "hang 0" never
// returns from it, and "none" makes no mistake, by being the processor. Each process is counted in BROKEN_DRIVER_LOG.
const { appendFileSync } = require('node:fs');

const how = process.env.BROKEN_DRIVER;
if (how && process.argv[1]?.endsWith('trial-process.js')) {
  appendFileSync(process.env.BROKEN_DRIVER_LOG, `${process.pid}\n`);
  const { InferenceSession } = require('onnxruntime-node');
  const create = InferenceSession.create.bind(InferenceSession);
  const [what, ...rest] = how.split(' ');
  const at = Number(rest.at(-1));
  let made = 0;
  InferenceSession.create = async (model, options) => {
    if (made++ === at) {
      if (what === 'hang') for (;;);
      if (what === 'exit') process.exit(Number(rest[0]));
      process.kill(process.pid, what);
      for (;;);
    }
    return create(model, { ...options, executionProviders: ['cpu'] });
  };
}
