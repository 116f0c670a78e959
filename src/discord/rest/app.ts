import { Hono } from 'hono';
import { DiscordError } from '../error.js';
import type { Application } from '../things.js';
import { applicationEmojiRoutes } from './application-emojis.js';
import { channelRoutes } from './channels.js';
import { commandRoutes } from './commands.js';
import { emojiRoutes } from './emojis.js';
import { guildRoutes } from './guilds.js';
import { interactionRoutes } from './interactions.js';
import { RateLimits } from './rate-limits.js';
import type { Env, Services } from './services.js';
import { stickerRoutes } from './stickers.js';

/** Seconds to wait after too many edits of an old message; Discord publishes no number. */
const OLD_EDITS_WAIT = 60;

/**
 * The REST API, version 10 (documentation, "API Reference"). Interaction routes need no authorization: their token is
 * in the path.
 */
export function restApp(services: Services): Hono<Env> {
  const { world, payloads, faults } = services;
  const limits = new RateLimits(world.now);
  const app = new Hono<Env>();

  app.onError((error, c) => {
    if (error instanceof DiscordError) {
      if (error.status !== 429) return c.json(error.toJSON(), error.status);
      const wait = { retry_after: OLD_EDITS_WAIT, global: false };
      return c.json({ ...error.toJSON(), ...wait }, 429, { 'retry-after': `${OLD_EDITS_WAIT}` });
    }
    console.error(error);
    return c.json({ message: '500: Internal Server Error', code: 0 }, 500);
  });
  app.notFound((c) => c.json({ message: '404: Not Found', code: 0 }, 404));

  app.use(async (c, next) => {
    const path = c.req.path.replace(/^\/api(\/v\d+)?/, '');
    const withToken = !/^\/(interactions|webhooks)\//.test(path) && path !== '/gateway';
    if (withToken) {
      const [, token] = /^Bot (.+)$/.exec(c.req.header('authorization') ?? '') ?? [];
      c.set('application', world.applicationByToken(token ?? ''));
    }
    const wrong = await faults.answer(c.req.method, path, c.env.incoming?.socket, async () => {
      const limited = limits.take(c.req.method, path, withToken);
      if (limited.refusal) c.res = limited.refusal;
      else await next();
      for (const [name, value] of Object.entries(limited.headers)) c.res.headers.set(name, value);
    });
    if (wrong) {
      // Cleared first, because Hono keeps the headers of a response that is replaced.
      c.res = undefined;
      c.res = wrong;
    }
    c.res.headers.set('date', new Date(world.now()).toUTCString());
  });

  if (services.onExchange) app.use(exchanges(services.onExchange));

  app.get('/gateway', (c) => c.json({ url: services.gatewayUrl() }));
  app.get('/gateway/bot', (c) => c.json(services.gateway.forBot(c.get('application'))));
  app.get('/users/@me', (c) =>
    c.json({
      ...payloads.user(world.user(c.get('application').botId)),
      verified: true,
      mfa_enabled: false,
      locale: world.user(c.get('application').botId).locale,
      email: null,
    }),
  );
  app.get('/users/:user', (c) => c.json(payloads.user(world.user(c.req.param('user')))));
  const me = (application: Application) => ({
    id: application.id,
    name: world.user(application.botId).username,
    icon: null,
    description: '',
    summary: '',
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: application.id.padStart(64, '0'),
    type: null,
    flags: 0,
    flags_new: '0',
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    explicit_content_filter: 0,
    eligible_oauth2_scopes: [],
    approximate_user_authorization_count: 0,
    team: null,
    hook: true,
    owner: payloads.user(world.user(application.botId)),
    bot: payloads.user(world.user(application.botId)),
    approximate_guild_count: application.guilds.size,
    approximate_user_install_count: application.users.size,
    integration_types_config: { '0': {}, '1': {} },
  });
  app.get('/applications/@me', (c) => c.json(me(c.get('application'))));
  app.get('/oauth2/applications/@me', (c) => c.json(me(c.get('application'))));
  commandRoutes(app, services);
  interactionRoutes(app, services);
  channelRoutes(app, services);
  guildRoutes(app, services);
  emojiRoutes(app, services);
  stickerRoutes(app, services);
  applicationEmojiRoutes(app, services);

  const root = new Hono<Env>();
  root.route('/api/v10', app);
  root.route('/api', app);
  return root;
}

/** Reports every exchange when it is over, with bodies as JSON. */
function exchanges(tell: NonNullable<Services['onExchange']>) {
  return async (c: import('hono').Context<Env>, next: () => Promise<void>) => {
    const request = c.req.raw.clone();
    await next();
    const type = request.headers.get('content-type') ?? '';
    const body = type.startsWith('multipart/')
      ? JSON.parse(String((await request.formData()).get('payload_json') ?? '{}'))
      : await request.json().catch(() => undefined);
    const answer =
      c.res.status === 204
        ? undefined
        : await c.res
            .clone()
            .json()
            .catch(() => undefined);
    await tell({
      method: c.req.method,
      path: c.req.path.replace(/^\/api(\/v\d+)?/, ''),
      body,
      status: c.res.status,
      answer,
    });
  };
}
