import type { APIApplicationCommand } from 'discord-api-types/v10';
import type { Hono } from 'hono';
import { DiscordError, unknown } from '../error.js';
import { checkCommands } from '../rules/command.js';
import type { Application } from '../things.js';
import { readBody } from './body.js';
import type { Env, Services } from './services.js';

/** New command names per day and place (documentation, "Registering a Command"). */
const CREATES_A_DAY = 200;

/** Registers and returns application commands, global and per guild. */
export function commandRoutes(app: Hono<Env>, { world }: Services): void {
  const creates: { at: number; place: string }[] = [];

  for (const base of ['/applications/:app/commands', '/applications/:app/guilds/:guild/commands']) {
    app.get(base, (c) => {
      const [application, guild] = place(c);
      return c.json(application.commands.get(guild) ?? []);
    });
    app.put(base, async (c) => {
      const [application, guild] = place(c);
      const { input } = await readBody(c);
      if (!Array.isArray(input)) throw new DiscordError(400, 50035, 'Invalid Form Body');
      return c.json(register(application, guild, input, true));
    });
    app.post(base, async (c) => {
      const [application, guild] = place(c);
      const { input } = await readBody(c);
      const before = application.commands.get(guild)?.length ?? 0;
      const all = register(application, guild, [input], false);
      const one = all.find(({ name, type }) => name === input.name && type === (input.type ?? 1));
      return c.json(one, all.length > before ? 201 : 200);
    });
    app.get(`${base}/:id`, (c) => c.json(one(c)));
    app.patch(`${base}/:id`, async (c) => {
      const [application, guild] = place(c);
      const command = one(c);
      const { input } = await readBody(c);
      const others = (application.commands.get(guild) ?? []).filter(({ id }) => id !== command.id);
      checkCommands([...others, { ...command, ...input }]);
      Object.assign(command, input, { version: world.id() });
      world.put('applications', application);
      return c.json(command);
    });
    app.delete(`${base}/:id`, (c) => {
      const [application, guild] = place(c);
      const command = one(c);
      application.commands.set(
        guild,
        (application.commands.get(guild) ?? []).filter((other) => other !== command),
      );
      world.put('applications', application);
      return c.body(null, 204);
    });
  }

  type Where = { req: { param(name: string): string | undefined }; get(name: 'application'): Application };

  function place(c: Where): [Application, string] {
    const application = c.get('application');
    if (c.req.param('app') !== application.id)
      throw new DiscordError(403, 20012, 'You are not authorized to perform this action on this application');
    const guild = c.req.param('guild') ?? '';
    if (guild && !application.guilds.has(guild)) throw new DiscordError(403, 50001, 'Missing Access');
    return [application, guild];
  }

  function one(c: Where): APIApplicationCommand {
    const [application, guild] = place(c);
    const command = application.commands.get(guild)?.find(({ id }) => id === c.req.param('id'));
    if (!command) throw unknown.command();
    return command;
  }

  /** Existing names keep their id; with `replace`, all others are deleted. */
  function register(application: Application, guild: string, inputs: Record<string, unknown>[], replace: boolean) {
    const before = application.commands.get(guild) ?? [];
    const same = (a: { name?: unknown; type?: unknown }, b: { name?: unknown; type?: unknown }) =>
      a.name === b.name && (a.type ?? 1) === (b.type ?? 1);
    const kept = replace ? [] : before.filter((command) => !inputs.some((input) => same(input, command)));
    checkCommands([...kept, ...inputs]);
    const now = world.now();
    const added = inputs.filter((input) => !before.some((command) => same(input, command)));
    const today = creates.filter(({ at, place }) => place === guild && at > now - 24 * 60 * 60 * 1000);
    if (today.length + added.length > CREATES_A_DAY) {
      throw new DiscordError(400, 30034, 'Max number of daily application command creates has been reached (200)');
    }
    creates.push(...added.map(() => ({ at: now, place: guild })));
    const made = inputs.map((input) =>
      complete(application, guild, input, before.find((command) => same(input, command))?.id),
    );
    const all = [...kept, ...made];
    application.commands.set(guild, all);
    world.put('applications', application);
    world.publish({ name: 'LOCAL_COMMANDS', data: { application_id: application.id } });
    return all;
  }

  function complete(application: Application, guild: string, input: Record<string, unknown>, id = world.id()) {
    return {
      default_member_permissions: null,
      dm_permission: true,
      nsfw: false,
      contexts: guild ? null : [0, 1, 2],
      integration_types: [0],
      name_localizations: null,
      description: '',
      description_localizations: null,
      ...input,
      type: input.type ?? 1,
      id,
      application_id: application.id,
      version: world.id(),
      ...(guild && { guild_id: guild }),
    } as unknown as APIApplicationCommand;
  }
}
