// @ts-expect-error The package gives a JavaScript file as its types.
import * as spec from 'discord-api-spec/zod';
import type { Exchange } from '../../src/discord/rest/services.js';

interface Schema {
  safeParse(value: unknown): { error?: { issues: { path: PropertyKey[]; message: string }[] } };
}

const schemas = spec as unknown as Record<string, Schema>;

/** What Discord's document says of a route: `Name`, `Name[]` for a list, several where it leaves the choice. */
interface Route {
  body?: string | readonly string[];
  answer?: string | readonly string[];
  /** Statuses of success, where not 200 alone. */
  status?: readonly number[];
}

const CHANNEL = ['GuildChannelResponse', 'PrivateChannelResponse', 'ThreadResponse'];
const COMMANDS = '/applications/:id/(guilds/:id/)?commands';
const MESSAGE = '/channels/:id/messages/:id';
const REACTION = `${MESSAGE}/reactions/[^/]+`;
const WEBHOOK = '/webhooks/:id/:token';
const NOTHING = { status: [204] };

/**
 * Names of Discord's own schemas (its OpenAPI document, as Zod) for what goes over each route. A route that does not stand
 * here is a violation: nothing passes unseen.
 */
const ROUTES: Readonly<Record<string, Route>> = {
  'GET /gateway': { answer: 'GatewayResponse' },
  'GET /gateway/bot': { answer: 'GatewayBotResponse' },
  'GET /users/@me': { answer: 'UserPIIResponse' },
  'GET /users/:id': { answer: 'UserResponse' },
  'POST /users/@me/channels': { body: 'CreatePrivateChannelRequest', answer: 'PrivateChannelResponse' },
  'GET /applications/@me': { answer: 'PrivateApplicationResponse' },
  'GET /oauth2/applications/@me': { answer: 'PrivateApplicationResponse' },
  [`GET ${COMMANDS}`]: { answer: 'ApplicationCommandResponse[]' },
  [`PUT ${COMMANDS}`]: { body: 'ApplicationCommandUpdateRequest[]', answer: 'ApplicationCommandResponse[]' },
  [`POST ${COMMANDS}`]: {
    body: 'ApplicationCommandCreateRequest',
    answer: 'ApplicationCommandResponse',
    status: [200, 201],
  },
  [`GET ${COMMANDS}/:id`]: { answer: 'ApplicationCommandResponse' },
  [`PATCH ${COMMANDS}/:id`]: {
    body: 'ApplicationCommandPatchRequestPartial',
    answer: 'ApplicationCommandResponse',
  },
  [`DELETE ${COMMANDS}/:id`]: NOTHING,
  'POST /interactions/:id/:token/callback': {
    body: [
      'CreateMessageInteractionCallbackRequest',
      'UpdateMessageInteractionCallbackRequest',
      'ApplicationCommandAutocompleteCallbackRequest',
      'ModalInteractionCallbackRequest',
    ],
    answer: 'InteractionCallbackResponse',
    status: [200, 204],
  },
  [`POST ${WEBHOOK}`]: { body: 'IncomingWebhookRequestPartial', answer: 'MessageResponse' },
  [`GET ${WEBHOOK}/messages/[^/]+`]: { answer: 'MessageResponse' },
  [`PATCH ${WEBHOOK}/messages/[^/]+`]: { body: 'IncomingWebhookUpdateRequestPartial', answer: 'MessageResponse' },
  [`DELETE ${WEBHOOK}/messages/[^/]+`]: NOTHING,
  'GET /channels/:id': { answer: CHANNEL },
  'DELETE /channels/:id': { answer: CHANNEL },
  'POST /channels/:id/typing': NOTHING,
  'GET /channels/:id/messages': { answer: 'MessageResponse[]' },
  'POST /channels/:id/messages': { body: 'MessageCreateRequest', answer: 'MessageResponse' },
  'POST /channels/:id/messages/bulk-delete': NOTHING,
  [`GET ${MESSAGE}`]: { answer: 'MessageResponse' },
  [`PATCH ${MESSAGE}`]: { body: 'MessageEditRequestPartial', answer: 'MessageResponse' },
  [`DELETE ${MESSAGE}`]: NOTHING,
  [`GET ${REACTION}`]: { answer: 'UserResponse[]' },
  [`PUT ${REACTION}/@me`]: NOTHING,
  [`DELETE ${REACTION}/(@me|:id)`]: NOTHING,
  [`DELETE ${REACTION}`]: NOTHING,
  [`DELETE ${MESSAGE}/reactions`]: NOTHING,
  'POST /channels/:id/threads': {
    body: 'CreateTextThreadWithoutMessageRequest',
    answer: 'CreatedThreadResponse',
    status: [201],
  },
  [`POST ${MESSAGE}/threads`]: {
    body: 'CreateTextThreadWithMessageRequest',
    answer: 'ThreadResponse',
    status: [201],
  },
  'GET /applications/:id/emojis': { answer: 'ListApplicationEmojisResponse' },
  'POST /applications/:id/emojis': { answer: 'EmojiResponse', status: [201] },
  'DELETE /applications/:id/emojis/:id': NOTHING,
  'GET /guilds/:id': { answer: 'GuildWithCountsResponse' },
  'GET /guilds/:id/channels': { answer: 'GuildChannelResponse[]' },
  'GET /guilds/:id/roles': { answer: 'GuildRoleResponse[]' },
  'GET /guilds/:id/members': { answer: 'GuildMemberResponse[]' },
  'GET /guilds/:id/members/:id': { answer: 'GuildMemberResponse' },
  'GET /guilds/:id/emojis': { answer: 'EmojiResponse[]' },
  'POST /guilds/:id/emojis': { answer: 'EmojiResponse', status: [201] },
  'DELETE /guilds/:id/emojis/:id': NOTHING,
  'GET /guilds/:id/emojis/:id': { answer: 'EmojiResponse' },
  'PATCH /guilds/:id/emojis/:id': { answer: 'EmojiResponse' },
  'GET /guilds/:id/stickers': { answer: 'GuildStickerResponse[]' },
  'POST /guilds/:id/stickers': { answer: 'GuildStickerResponse', status: [201] },
  'GET /guilds/:id/stickers/:id': { answer: 'GuildStickerResponse' },
  'PATCH /guilds/:id/stickers/:id': { answer: 'GuildStickerResponse' },
  'DELETE /guilds/:id/stickers/:id': NOTHING,
};

const PATTERNS = Object.entries(ROUTES).map(([route, described]) => {
  const pattern = route.replaceAll(':id', '\\d{1,20}').replaceAll(':token', '[\\w-]+');
  return [new RegExp(`^${pattern}$`), described] as const;
});

/** What Discord's own description of its API has against an exchange; of requests that were refused only the refusal. */
export function violations({ method, path, body, status, answer }: Exchange): string[] {
  const name = `${method} ${path.replace(/\d{15,}|[\w-]{40,}/g, ':id')}`;
  const route = PATTERNS.find(([pattern]) => pattern.test(`${method} ${path}`))?.[1];
  if (status === 404 && (answer as { code?: number } | undefined)?.code === 0)
    return [`${name}: there is no such route`];
  if (status >= 400) return refusal(answer).map((what) => `${name}: refusal ${what}`);
  if (!route) return [`${name}: not described`];
  const { body: bodies, answer: answers, status: statuses = [200] } = route;
  return [
    ...(statuses.includes(status) ? [] : [`${name}: status ${status}, not ${statuses.join(' or ')}`]),
    ...(bodies && body !== undefined ? unlike(bodies, body).map((what) => `${name}: body ${what}`) : []),
    ...(status === 204 || !answers ? [] : unlike(answers, answer).map((what) => `${name}: answer ${what}`)),
    ...(status === 204 && answer !== undefined ? [`${name}: 204 with a body`] : []),
  ];
}

/**
 * A refusal has a number and a text, and says which fields are wrong. The document wants numbers there, too; the API gives
 * names such as BASE_TYPE_REQUIRED, as its reference shows under "Error Messages".
 */
function refusal(answer: unknown): string[] {
  const leaves = (at: unknown, path: string): string[] => {
    if (typeof at !== 'object' || at === null) return [`${path}: no fields`];
    if (!('_errors' in at)) return Object.entries(at).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
    const list = at._errors as { code?: unknown; message?: unknown }[];
    const fits = list.length > 0 && list.every(({ code, message }) => /^[A-Z0-9_]+$/.test(`${code}`) && message);
    return fits ? [] : [`${path}: no code or message`];
  };
  const { errors } = (answer ?? {}) as { errors?: unknown };
  return [...unlike('Error', answer), ...(errors === undefined ? [] : leaves(errors, 'errors'))];
}

/** What Discord's description has against a value: nothing if one of the schemas fits it, else what the nearest has. */
export function unlike(names: string | readonly string[], value: unknown): string[] {
  const found = [names].flat().map((name) => {
    const one = name.replace('[]', '');
    const schema = schemas[`${one}Schema`];
    if (!schema) throw new Error(`Discord's document has no ${one}.`);
    if (one === name) return issues(schema, one, value);
    return Array.isArray(value) ? value.flatMap((entry) => issues(schema, one, entry)) : [`${name}: not a list`];
  });
  return found.reduce((least, next) => (next.length < least.length ? next : least));
}

function issues(schema: Schema, name: string, value: unknown): string[] {
  const { error } = schema.safeParse(value);
  return (
    (error?.issues ?? [])
      // The document asks for a number; the API takes and gives strings, as its prose says.
      .filter(({ path }) => path.at(-1) !== 'default_member_permissions')
      .map(({ path, message }) => `${name} ${path.join('.')}: ${message}`)
  );
}
