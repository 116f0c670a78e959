import type { HttpBindings } from '@hono/node-server';
import type { Cdn } from '../cdn.js';
import type { Interactions } from '../interactions.js';
import type { Messages } from '../messages.js';
import type { Payloads } from '../payload.js';
import type { Application } from '../things.js';
import type { World } from '../world.js';
import type { Faults } from './faults.js';

/** What the routes work on. */
export interface Services {
  world: World;
  payloads: Payloads;
  messages: Messages;
  interactions: Interactions;
  cdn: Cdn;
  faults: Faults;
  /** Where the gateway listens. */
  gatewayUrl: () => string;
  /** Called with each request and its answer, for whoever checks them. */
  onExchange?: (exchange: Exchange) => void | Promise<void>;
}

export interface Exchange {
  method: string;
  /** As the documentation writes it: /channels/{channel_id}/messages. */
  path: string;
  body: unknown;
  status: number;
  answer: unknown;
}

export type Env = { Bindings: Partial<HttpBindings>; Variables: { application: Application } };
