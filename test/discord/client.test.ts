import {
  ApplicationCommandType,
  AttachmentBuilder,
  Client,
  Events,
  GatewayIntentBits,
  type Interaction,
  MessageFlags,
  Partials,
} from 'discord.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Application, Channel, Guild, User } from '../../src/discord/things.js';
import { DrivenDiscord } from './drive/driven-discord.js';
import { furnish } from './furnish.js';
import { violations } from './openapi.js';

// The real discord.js client on the local Discord, through `rest.api` alone.

let discord: DrivenDiscord;
let application: Application;
let alice: User;
let guild: Guild;
let general: Channel;
let client: Client<true>;
let now: number;
let against: string[];

beforeEach(async () => {
  now = Date.now();
  against = [];
  discord = await DrivenDiscord.start({
    now: () => now,
    heartbeatInterval: 500,
    onExchange: (exchange) => void against.push(...violations(exchange)),
  });
  ({ application, alice, guild, general } = furnish(discord));
  client = await connect();
});
afterEach(async () => {
  await client.destroy();
  await discord.stop();
  // Whatever was exchanged is what Discord's own OpenAPI document describes.
  expect(against).toEqual([]);
});

async function connect(): Promise<Client<true>> {
  const client = new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessageReactions,
      GatewayIntentBits.DirectMessageReactions,
    ],
    partials: [Partials.Message, Partials.Reaction, Partials.Channel, Partials.User],
    rest: { api: discord.apiUrl, retries: 2 },
  });
  await client.login(application.token);
  if (!client.isReady()) await new Promise((resolve) => client.once(Events.ClientReady, resolve));
  return client as Client<true>;
}

const imagine = {
  name: 'imagine',
  description: 'Paint',
  options: [
    { type: 3, name: 'prompt', description: 'What', required: true },
    { type: 11, name: 'image', description: 'From' },
  ],
} as const;

function onInteraction<T extends Interaction>(handle: (interaction: T) => Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once(Events.InteractionCreate, (interaction) => handle(interaction as T).then(() => resolve(), reject));
  });
}

describe('a bot', () => {
  test('logs in, knows its guilds and channels, and registers commands', async () => {
    expect(client.user.username).toBe('easel');
    expect(client.guilds.cache.get(guild.id)?.channels.cache.get(general.id)?.name).toBe('general');
    const registered = await client.application.commands.set([imagine]);
    expect(registered.first()?.name).toBe('imagine');
    const again = await client.application.commands.set([imagine]);
    expect(again.first()?.id).toBe(registered.first()?.id);
  });

  test('with a wrong token is refused', async () => {
    const other = new Client({ intents: [], rest: { api: discord.apiUrl } });
    await expect(other.login('wrong.token.here')).rejects.toMatchObject({ code: 'TokenInvalid' });
    await other.destroy();
  });

  test('asks for a privileged intent in vain', async () => {
    const other = new Client({ intents: [GatewayIntentBits.MessageContent], rest: { api: discord.apiUrl } });
    await expect(other.login(application.token)).rejects.toThrow(/disallowed intents/i);
    await other.destroy();
  });
});

describe('an interaction', () => {
  beforeEach(async () => {
    await client.application.commands.set([imagine, { name: 'Look', type: ApplicationCommandType.Message }]);
  });

  test('is deferred, edited with a file, and its button opens a modal', async () => {
    const done = onInteraction<import('discord.js').ChatInputCommandInteraction>(async (interaction) => {
      expect(interaction.options.getString('prompt')).toBe('a red apple');
      expect(interaction.appPermissions.has('AttachFiles')).toBe(true);
      await interaction.deferReply();
      await interaction.editReply({
        content: 'done',
        files: [new AttachmentBuilder(Buffer.from('not much'), { name: 'grid.png', description: 'an apple' })],
        components: [{ type: 1, components: [{ type: 2, style: 1, label: 'U1', custom_id: 'v1:U:1' }] }],
      });
    });
    const { message } = await discord.as(alice).run(general, 'imagine', { prompt: 'a red apple' });
    expect(message.flags! & MessageFlags.Loading).toBeTruthy();
    await done;
    const shown = discord.message(message);
    expect(shown.content).toBe('done');
    expect(shown.attachments[0]).toMatchObject({ filename: 'grid.png', description: 'an apple' });
    expect(shown.flags! & MessageFlags.Loading).toBeFalsy();
    const url = discord.payloads.message(shown, alice.id).attachments[0]!.url;
    expect(await (await fetch(url)).text()).toBe('not much');
    discord.cdn.expireAll();
    expect((await fetch(url)).status).toBe(404);

    const pressed = onInteraction<import('discord.js').ButtonInteraction>(async (interaction) => {
      await interaction.showModal({
        title: 'Edit',
        custom_id: 'm',
        components: [
          { type: 1, components: [{ type: 4, custom_id: 'prompt', style: 1, label: 'Prompt', value: 'old' }] },
        ],
      });
    });
    const modal = await discord.as(alice).press(message, 'U1');
    await pressed;
    const submitted = onInteraction<import('discord.js').ModalSubmitInteraction>(async (interaction) => {
      await interaction.reply({
        content: interaction.fields.getTextInputValue('prompt'),
        flags: MessageFlags.Ephemeral,
      });
    });
    const { message: reply } = await discord.as(alice).submit(modal, { prompt: 'new' });
    await submitted;
    expect(reply.content).toBe('new');
    expect(discord.messagesIn(general, alice)).toContain(reply);
    expect(discord.messagesIn(general, discord.createUser('bob'))).not.toContain(reply);
  });

  test('carries attachments that the bot can fetch, and menus carry the message', async () => {
    const done = onInteraction<import('discord.js').ChatInputCommandInteraction>(async (interaction) => {
      const attachment = interaction.options.getAttachment('image', true);
      await interaction.reply(await (await fetch(attachment.url)).text());
    });
    const file = { name: 'a.txt', bytes: Buffer.from('hello') };
    const { message } = await discord.as(alice).run(general, 'imagine', { prompt: 'x', image: file });
    await done;
    expect(message.content).toBe('hello');
    const said = await discord.as(alice).say(general, 'look at this');
    const menu = onInteraction<import('discord.js').MessageContextMenuCommandInteraction>((interaction) =>
      interaction.reply(interaction.targetMessage.content),
    );
    expect((await discord.as(alice).contextMenu(said, 'Look')).message.content).toBe('look at this');
    await menu;
  });

  test('that is answered after 3 seconds is unknown, after 15 minutes its token is dead', async () => {
    const late = onInteraction<import('discord.js').ChatInputCommandInteraction>(async (interaction) => {
      now += 3001;
      await interaction.reply('late');
    });
    const running = discord.as(alice).run(general, 'imagine', { prompt: 'x' });
    await expect(late).rejects.toMatchObject({ code: 10062, status: 404 });
    expect((await running).answer.kind).toBe('failed');

    const dead = onInteraction<import('discord.js').ChatInputCommandInteraction>(async (interaction) => {
      await interaction.deferReply();
      now += 15 * 60 * 1000 + 1;
      await interaction.editReply('too late');
    });
    await discord.as(alice).run(general, 'imagine', { prompt: 'x' });
    await expect(dead).rejects.toMatchObject({ code: 50027, status: 401 });
  });

  test('is answered once only', async () => {
    const done = onInteraction<import('discord.js').ChatInputCommandInteraction>(async (interaction) => {
      await interaction.reply('one');
      await client.rest.post(`/interactions/${interaction.id}/${interaction.token}/callback`, {
        body: { type: 4, data: { content: 'two' } },
        auth: false,
      });
    });
    await discord.as(alice).run(general, 'imagine', { prompt: 'x' });
    await expect(done).rejects.toMatchObject({ code: 40060 });
  });

  test.each([
    ['content of 2001 characters', { content: 'x'.repeat(2001) }],
    [
      'two buttons of one id',
      {
        components: [
          { type: 1, components: [1, 2].map((n) => ({ type: 2, style: 1, label: `${n}`, custom_id: 'same' })) },
        ],
      },
    ],
    [
      'six buttons in a row',
      {
        components: [
          {
            type: 1,
            components: [1, 2, 3, 4, 5, 6].map((n) => ({ type: 2, style: 1, label: `${n}`, custom_id: `${n}` })),
          },
        ],
      },
    ],
    ['embeds of 6001 characters', { embeds: [{ description: 'x'.repeat(4000) }, { description: 'x'.repeat(2001) }] }],
    ['an empty message', { content: '' }],
  ])('is refused %s', async (_, body) => {
    const done = onInteraction<import('discord.js').ChatInputCommandInteraction>((interaction) =>
      client.rest.post(`/interactions/${interaction.id}/${interaction.token}/callback`, {
        body: { type: 4, data: body },
        auth: false,
      }),
    );
    void discord.as(alice).run(general, 'imagine', { prompt: 'x' });
    await expect(done).rejects.toMatchObject({ status: 400 });
  });

  test('that no client would send is not sent', async () => {
    const user = discord.as(alice);
    await expect(user.run(general, 'imagine', {})).rejects.toThrow('required');
    await expect(user.run(general, 'imagine', { prompt: 1 })).rejects.toThrow('type');
    await expect(user.run(general, 'imagine', { prompt: 'x', colour: 'red' })).rejects.toThrow('no option');
    await expect(user.run(general, 'paint')).rejects.toThrow('no command');
  });
});

describe('the connection', () => {
  test('is resumed after it dropped, and what was missed comes', async () => {
    await client.application.commands.set([imagine]);
    discord.gateway.drop();
    const done = onInteraction<import('discord.js').ChatInputCommandInteraction>((interaction) =>
      interaction.reply('back'),
    );
    const { message } = await discord.as(alice).run(general, 'imagine', { prompt: 'x' });
    await done;
    expect(message.content).toBe('back');
  });

  test('is given up by the client when heartbeats are not acknowledged, and resumed', async () => {
    discord.gateway.faults.silent = true;
    const resumed = new Promise((resolve) => client.once(Events.ShardResume, resolve));
    await discord.until(() => discord.gateway.sessions.every(({ socket }) => !socket), 5000).catch(() => {});
    discord.gateway.faults.silent = false;
    await resumed;
  });

  test('a 429 is waited for and a 500 tried again', async () => {
    discord.faults.add({ match: /^POST \/channels/, status: 429, times: 1 });
    discord.faults.add({ match: /^POST \/channels/, status: 500, times: 1 });
    const channel = await client.channels.fetch(general.id);
    if (!channel?.isSendable()) throw new Error('not sendable');
    await channel.send('hello');
    expect(discord.messagesIn(general, alice).map(({ content }) => content)).toEqual(['hello']);
  });

  test.each([
    ['the connection', { closed: true }],
    ['a bad gateway', { status: 502 }],
  ])('%s swallows the answer to what was carried out', async (_, fault) => {
    const bare = new Client({ intents: [], rest: { api: discord.apiUrl, retries: 0 } });
    bare.rest.setToken(application.token);
    discord.faults.add({ match: /^POST \/channels/, carriedOut: true, times: 1, ...fault });
    const sent = bare.rest.post(`/channels/${general.id}/messages`, { body: { content: 'hello' } });
    await expect(sent).rejects.toThrow();
    expect(discord.messagesIn(general, alice).map(({ content }) => content)).toEqual(['hello']);
    await bare.destroy();
  });

  test('reactions come on messages that the client never saw', async () => {
    const channel = await client.channels.fetch(general.id);
    if (!channel?.isSendable()) throw new Error('not sendable');
    const { id } = await channel.send('a grid');
    await client.destroy();
    client = await connect();
    const reacted = new Promise<string>((resolve) => {
      client.once(Events.MessageReactionAdd, async (reaction) => resolve((await reaction.message.fetch()).content));
    });
    discord.as(alice).react(discord.message({ channel_id: general.id, id }), '🔁');
    expect(await reacted).toBe('a grid');
  });

  test('permissions are those of roles and overwrites', async () => {
    const closed = discord.createChannel(guild, 'closed', {
      overwrites: [{ id: guild.id, type: 0, allow: 0n, deny: 1n << 11n }],
    });
    const channel = await client.channels.fetch(closed.id);
    if (!channel?.isSendable()) throw new Error('not sendable');
    await expect(channel.send('x')).rejects.toMatchObject({ code: 50013 });
    await expect(client.channels.fetch('1')).rejects.toMatchObject({ code: 10003 });
  });

  test('a guild that changes its language is known by it', async () => {
    const changed = new Promise<string>((resolve) =>
      client.once(Events.GuildUpdate, (_, { preferredLocale, channels }) =>
        resolve(`${preferredLocale}, ${channels.cache.size} channel`),
      ),
    );
    guild.locale = 'fr';
    discord.world.publish({ name: 'GUILD_UPDATE', data: discord.payloads.guildUpdate(guild), guildId: guild.id });
    expect(await changed).toBe('fr, 1 channel');
  });
});
