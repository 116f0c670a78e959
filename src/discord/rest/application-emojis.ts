import type { Hono } from 'hono';
import { DiscordError, unknown } from '../error.js';
import { checkEmojiName, emojiImage } from '../rules/expression.js';
import type { Application } from '../things.js';
import { readBody } from './body.js';
import type { Env, Services } from './services.js';

/** Most emojis that an app can own and use everywhere. */
const EMOJIS = 2000;

/** The app's own emojis (documentation, "Emoji", "List Application Emojis"). */
export function applicationEmojiRoutes(app: Hono<Env>, { world, payloads }: Services): void {
  type Where = { req: { param(name: string): string | undefined }; get(name: 'application'): Application };
  const owned = (c: Where) => {
    const application = c.get('application');
    if (c.req.param('app') !== application.id) throw unknown.application();
    application.emojis ??= new Map();
    return { emojis: application.emojis };
  };

  app.get('/applications/:app/emojis', (c) => {
    const owner = owned(c);
    return c.json({ items: [...owner.emojis.keys()].map((id) => payloads.emoji(owner, id)) });
  });
  app.post('/applications/:app/emojis', async (c) => {
    const owner = owned(c);
    const { input } = await readBody(c);
    checkEmojiName(input.name);
    const { type, bytes, animated } = await emojiImage(input.image);
    if (owner.emojis.size >= EMOJIS) throw new DiscordError(400, 30008, 'Maximum number of emojis reached (2000)');
    const { botId: userId } = c.get('application');
    const id = await world.addFile({ bytes, name: input.name, type });
    owner.emojis.set(id, { id, name: input.name, animated, attachment: id, userId });
    world.put('applications', c.get('application'));
    return c.json(payloads.emoji(owner, id), 201);
  });
  app.delete('/applications/:app/emojis/:emoji', (c) => {
    const id = c.req.param('emoji');
    if (!owned(c).emojis.delete(id)) throw unknown.emoji();
    world.put('applications', c.get('application'));
    world.removeFile(id);
    return c.body(null, 204);
  });
}
