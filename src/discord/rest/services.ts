import type { HttpBindings } from '@hono/node-server';
import type { Cdn } from '../cdn.js';
import type { Gateway } from '../gateway.js';
import type { Interactions } from '../interactions.js';
import type { Messages } from '../messages.js';
import type { Payloads } from '../payload.js';
import type { Application } from '../things.js';
import type { World } from '../world.js';
import type { Faults } from './faults.js';

/** What the routes need. */
export interface Services {
  world: World;
  payloads: Payloads;
  messages: Messages;
  interactions: Interactions;
  cdn: Cdn;
  gateway: Gateway;
  faults: Faults;
  /** The gateway's address. */
  gatewayUrl: () => string;
  /** Called with each request and its response, for tests that check them. */
  onExchange?: (exchange: Exchange) => void | Promise<void>;
}

export interface Exchange {
  method: string;
  /** In the documentation's form: /channels/{channel_id}/messages. */
  path: string;
  body: unknown;
  status: number;
  answer: unknown;
}

export type Env = { Bindings: Partial<HttpBindings>; Variables: { application: Application } };
