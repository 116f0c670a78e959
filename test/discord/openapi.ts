// @ts-expect-error The package gives a JavaScript file as its types.
import * as spec from 'discord-api-spec/zod';
import type { Exchange } from '../../src/discord/rest/app.js';

interface Schema {
  safeParse(value: unknown): { success: boolean; error?: { issues: { path: PropertyKey[]; message: string }[] } };
}

const schemas = spec as unknown as Record<string, Schema>;
const list = (schema: Schema): Schema => ({
  safeParse(values) {
    if (!Array.isArray(values)) return schema.safeParse(values);
    return values.map((value) => schema.safeParse(value)).find(({ success }) => !success) ?? { success: true };
  },
});

/** Names of Discord's own schemas (its OpenAPI document, as Zod) for the body and the answer of each route. */
const ROUTES: readonly (readonly [route: RegExp, body: string | null, answer: string | null, many?: boolean])[] = [
  [/^GET \/gateway\/bot$/, null, 'GatewayBotResponse'],
  [
    /^PUT \/applications\/\d+\/(guilds\/\d+\/)?commands$/,
    'ApplicationCommandUpdateRequest',
    'ApplicationCommandResponse',
    true,
  ],
  [
    /^POST \/applications\/\d+\/(guilds\/\d+\/)?commands$/,
    'ApplicationCommandCreateRequest',
    'ApplicationCommandResponse',
  ],
  [/^POST \/interactions\/\d+\/[^/]+\/callback$/, 'callback', 'InteractionCallbackResponse'],
  [/^POST \/webhooks\/\d+\/[^/]+$/, 'IncomingWebhookRequestPartial', 'MessageResponse'],
  [/^PATCH \/webhooks\/\d+\/[^/]+\/messages\/[^/]+$/, 'IncomingWebhookUpdateRequestPartial', 'MessageResponse'],
  [/^GET \/webhooks\/\d+\/[^/]+\/messages\/[^/]+$/, null, 'MessageResponse'],
  [/^POST \/channels\/\d+\/messages$/, 'MessageCreateRequest', 'MessageResponse'],
  [/^PATCH \/channels\/\d+\/messages\/\d+$/, 'MessageEditRequestPartial', 'MessageResponse'],
  [/^GET \/channels\/\d+\/messages\/\d+$/, null, 'MessageResponse'],
  [/^GET \/guilds\/\d+\/members\/\d+$/, null, 'GuildMemberResponse'],
  [/^GET \/guilds\/\d+\/roles$/, null, 'GuildRoleResponse', true],
  [/^(GET|POST) \/guilds\/\d+\/emojis$/, null, 'EmojiResponse', true],
];

/** By type: 4 message, 5 deferred, 6 deferred update, 7 update, 8 choices, 9 modal. */
const CALLBACKS: Record<number, string> = {
  4: 'CreateMessageInteractionCallbackRequest',
  5: 'CreateMessageInteractionCallbackRequest',
  6: 'UpdateMessageInteractionCallbackRequest',
  7: 'UpdateMessageInteractionCallbackRequest',
  9: 'ModalInteractionCallbackRequest',
};

/** What Discord's own description of its API has against an exchange; of requests that were refused only the refusal. */
export function violations({ method, path, body, status, answer }: Exchange): string[] {
  const route = ROUTES.find(([pattern]) => pattern.test(`${method} ${path}`));
  if (!route || status >= 400) return [];
  const [, bodyName, answerName, many] = route;
  const found: string[] = [];
  const check = (what: string, name: string | null | undefined, value: unknown) => {
    if (!name || value === undefined) return;
    const schema = schemas[`${name}Schema`];
    if (!schema) throw new Error(`Discord's document has no ${name}.`);
    const { error } = (many ? list(schema) : schema).safeParse(value);
    for (const { path: at, message } of error?.issues ?? []) {
      // The document asks for a number; the API takes and gives strings, as its prose says.
      if (at.at(-1) === 'default_member_permissions') continue;
      found.push(
        `${method} ${path.replace(/\d{15,}|[\w-]{40,}/g, ':id')}: ${what} ${name} ${at.join('.')}: ${message}`,
      );
    }
  };
  const callback = bodyName === 'callback' ? CALLBACKS[(body as { type: number }).type] : bodyName;
  check('body', callback, body);
  if (status === 200 || status === 201) check('answer', answerName, answer);
  return found;
}
