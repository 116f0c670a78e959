import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { EaselError } from '../../engine/errors.js';
import { isOurHost, isOurOrigin } from '../../own-address.js';
import { Inspectors } from '../painter/inspectors.js';
import type { Job, Outcome } from '../request/job.js';
import { a1111Error, a1111Routes } from './a1111/routes.js';
import { ApiError, apiErrorOf } from './api-error.js';
import { boundedBodies } from './bodies.js';
import { Desk } from './desk.js';
import { hasKey } from './key.js';
import { Links } from './links.js';
import type { ApiNeeds } from './needs.js';
import { openAiError, openAiRoutes } from './openai/routes.js';

/** Milliseconds for answers that are on their way when the server stops. */
const LAST_ANSWERS = 1000;

/**
 * The HTTP API: other programs paint here as they would with OpenAI or AUTOMATIC1111. Their requests wait in the same queue
 * as those of members, and the painter processes paint them.
 *
 * Without a key, only programs on this machine can reach it, and no web page: the address has to be asked for by its own
 * name, and not by a page from elsewhere.
 */
export class Api implements AsyncDisposable {
  private constructor(
    private readonly server: Server,
    private readonly desks: readonly Desk[],
    private readonly inspectors: Inspectors,
    /** The address it listens on. */
    readonly url: string,
  ) {}

  /** @throws EaselError if the address is in use or not this machine's. */
  static async listen(needs: ApiNeeds): Promise<Api> {
    const { apiHost: hostname, apiPort: port = 0 } = needs.config;
    // One for each interface: whoever interrupts a web UI's request means none of OpenAI's.
    const [openAi, a1111] = [new Desk(needs), new Desk(needs)];
    // Of its own, so that no program's pictures keep members waiting, who have three seconds. They start when they are needed.
    const inspectors = new Inspectors(needs.log);
    const links = new Links();
    const app = guarded(needs, links);
    openAiRoutes(app, { ...needs, inspectors, links, desk: openAi });
    a1111Routes(app, { ...needs, inspectors, desk: a1111 });
    const server = createAdaptorServer({ fetch: app.fetch }) as Server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) =>
        reject(
          new EaselError(
            `The HTTP API cannot listen on ${hostname}:${port} (${cause.code}). Choose another port with API_PORT, or --port of easel serve.`,
            { cause },
          ),
        ),
      );
      server.listen(port, hostname, resolve);
    });
    const { address, family, port: taken } = server.address() as AddressInfo;
    return new Api(
      server,
      [openAi, a1111],
      inspectors,
      `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    );
  }

  /** How a job of the API ended, from the queue. */
  deliver(job: Job, outcome: Outcome): void {
    for (const desk of this.desks) desk.deliver(job, outcome);
  }

  /** Takes nothing more; whoever waits is told so. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    await Promise.all(this.desks.map((desk) => desk.close()));
    this.server.closeIdleConnections();
    const force = setTimeout(() => this.server.closeAllConnections(), LAST_ANSWERS);
    await closed;
    clearTimeout(force);
    await this.inspectors.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** All but the interfaces: who may ask, how much, what errors look like, and the pictures that have addresses. */
function guarded({ config, log }: ApiNeeds, links: Links): Hono {
  const { apiKey } = config;
  const app = new Hono();
  app.onError((error, c) => {
    const known = apiErrorOf(error);
    if (!known) log.error({ err: error, path: c.req.path }, 'a request over the HTTP API failed');
    const told = known ?? new ApiError(500, 'Something went wrong. The operator finds it in the log.');
    if (!c.req.path.startsWith('/sdapi/')) return c.json(openAiError(told), told.status, told.headers);
    const { body, status } = a1111Error(error, told);
    return c.json(body, status, told.headers);
  });
  app.notFound((c) => {
    throw new ApiError(404, `There is no ${c.req.method} ${c.req.path} here.`);
  });
  app.use(async (c, next) => {
    // A page from elsewhere may only reach what asks for a key by guessing it.
    const ours = (apiKey !== undefined || isOurHost(c.req.header('host'))) && isOurOrigin(c.req.header('origin'));
    if (!ours) throw new ApiError(403, 'Only programs on this machine may use this, and no web page from elsewhere.');
    return next();
  });
  app.get('/pictures/:name', (c) => {
    const file = links.get(c.req.param('name'));
    if (!file) throw new ApiError(404, 'This picture is no longer here.');
    return c.body(file.bytes, 200, { 'content-type': file.type, 'cache-control': 'private, max-age=3600' });
  });
  app.use(async (c, next) => {
    const sent = c.req.header('authorization');
    if (apiKey !== undefined && !hasKey(apiKey, sent)) throw wrongKey(c.req.path, sent !== undefined);
    return next();
  });
  app.use(boundedBodies());
  return app;
}

/** In the words that each interface has for it. */
function wrongKey(path: string, sent: boolean): ApiError {
  const basic = path.startsWith('/sdapi/');
  const none = basic ? 'Not authenticated' : 'You did not provide an API key.';
  const wrong = basic ? 'Incorrect username or password' : 'Incorrect API key provided.';
  const headers = { 'www-authenticate': basic ? 'Basic' : 'Bearer' };
  return new ApiError(401, sent ? wrong : none, { code: 'invalid_api_key', headers });
}
