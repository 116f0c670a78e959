import { expect, test } from 'vitest';
import { createLogger } from '../../../src/bot/ops/log.js';
import { EaselError } from '../../../src/engine/errors.js';

const discordToken = 'MTIzNDU2Nzg5.GabcDE.secret-part_of-the-token';

function logged(write: (log: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  const config = { logLevel: 'trace', discordToken, databaseUrl: 'postgres://easel:hunter2@db.example.org/easel' };
  write(createLogger(config, { write: (line: string) => void lines.push(line) }));
  return lines.join('');
}

test('lines are JSON with a time, a level and a message', () => {
  const { time, ...line } = JSON.parse(logged((log) => log.info({ job: 'j1' }, 'painted')));
  expect(line).toEqual({ level: 'info', job: 'j1', msg: 'painted' });
  expect(Date.parse(time)).toBeGreaterThan(0);
});

test('the token is in no line: message, field, error, stack or cause', () => {
  const text = logged((log) => {
    log.info(`logging in with ${discordToken}`);
    log.info({ deep: { er: [discordToken] } });
    log.error({ err: new Error(`401 for Bot ${discordToken}`, { cause: new Error(discordToken) }) }, 'failed');
  });
  expect(text).not.toContain('secret-part');
  expect(text).toContain('[hidden]');
});

test('interaction and webhook tokens are taken out of URLs, the rest of the URL stays', () => {
  const text = logged((log) => {
    const url = 'https://discord.com/api/v10/webhooks/1234567890/aW50ZXJhY3Rpb246abc-_DEF/messages/@original';
    log.warn({ err: Object.assign(new Error('500'), { url }) }, `PATCH ${url}`);
    log.warn('POST /interactions/987654321/aW50-token_x/callback failed');
  });
  expect(text).not.toMatch(/aW50/);
  expect(text).toContain('/webhooks/1234567890/[hidden]/messages/@original');
  expect(text).toContain('/interactions/987654321/[hidden]/callback');
});

test('fields called token are hidden, and what follows them stays', () => {
  const text = logged((log) => log.info({ origin: { token: 'aW50ZX"Jh', userId: '42' } }, 'x'));
  expect(JSON.parse(text).origin).toEqual({ token: '[hidden]', userId: '42' });
});

test("the database's password is hidden, even in its driver's errors", () => {
  const text = logged((log) => log.error({ err: new Error('cannot reach postgres://easel:hunter2@db.example.org') }));
  expect(text).not.toContain('hunter2');
  expect(text).toContain('db.example.org');
});

test('child loggers hide secrets too', () => {
  expect(logged((log) => log.child({ part: discordToken }).info('x'))).not.toContain('secret-part');
});

test('a request that Discord refused is logged without its body', () => {
  const body = { files: undefined, json: { content: 'a secret garden' } };
  const refused = Object.assign(new Error('Invalid Form Body'), { requestBody: body, code: 50035 });
  const { err } = JSON.parse(logged((log) => log.child({ job: 'j1' }).warn({ err: refused })));
  expect(err).toMatchObject({ message: 'Invalid Form Body', code: 50035 });
  expect(JSON.stringify(err)).not.toContain('garden');
  expect(JSON.parse(logged((log) => log.warn({ err: 'no error' }))).err).toBe('no error');
});

test('an error of the engine is logged with its remedy', () => {
  const error = new EaselError('The device cuda cannot be used: no driver.', { code: 'deviceUnavailable' });
  const { err } = JSON.parse(logged((log) => log.error({ err: error }, 'a job failed')));
  expect(err).toMatchObject({ code: 'deviceUnavailable', remedy: expect.stringContaining('DEVICE=auto') });
  const others = JSON.parse(logged((log) => log.error({ err: Object.assign(new Error('full'), { code: 'ENOSPC' }) })));
  expect(others.err).not.toHaveProperty('remedy');
});

test("the password of the painters' Redis is in no line, as it is written in the address or as it is sent", () => {
  const lines: string[] = [];
  const painters = 'rediss://easel:s%26cret@redis.example.org:6379';
  const log = createLogger({ logLevel: 'trace', painters }, { write: (line: string) => void lines.push(line) });
  log.error({ err: new Error(`AUTH easel s&cret failed at ${painters}`), sent: ['AUTH', 'easel', 's%26cret'] });
  expect(lines.join('')).not.toMatch(/s&cret|s%26cret/);
  expect(lines.join('')).toContain('redis.example.org');
});
