import { PermissionFlagsBits } from 'discord.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Channel, Message, User } from '../../../src/discord/things.js';
import { embedded } from '../../embedded.js';
import { Studio } from './harness.js';

// Plain text to the bot: a mention, and a direct message.

let studio: Studio;
beforeAll(async () => {
  studio = await Studio.start();
});
afterAll(() => studio.stop());

const mention = () => `<@${studio.application.botId}>`;
const newcomer = (name: string): User => {
  const user = studio.discord.createUser(name);
  studio.discord.join(studio.guild, user);
  return user;
};

function answers(channel: Channel): Message[] {
  return studio.discord
    .messagesIn(channel, studio.alice)
    .filter(({ author }) => author.id === studio.application.botId);
}

/** Waits until the bot has seen earlier messages: it answers this one, in another place. */
async function everythingSeen(): Promise<void> {
  const user = newcomer('marker');
  const channel = studio.channel('marker');
  await studio.discord.as(user).say(channel, mention());
  await studio.discord.until(() => answers(channel).length > 0);
}

test('a mention is answered with how to paint, as a reply that pings nobody', async () => {
  const { discord, general } = studio;
  const asked = await discord.as(newcomer('ann')).say(general, `${mention()} draw me a cat`);
  const [answer] = await discord.until(() => answers(general).length > 0 && answers(general));
  expect(answer!.content).toMatch(new RegExp(`^Hi! Use /imagine .*${embedded.card.examples[0]}.*/help`));
  expect(answer!.message_reference?.message_id).toBe(asked.id);
  expect(answer!.mentions).toEqual([]);
});

test('so is any direct message, in the language its author last painted in', async () => {
  const { discord, application } = studio;
  const user = newcomer('bea');
  user.locale = 'de';
  const channel = discord.world.directMessages(user.id, application.botId);
  await studio.imagine(user, channel);
  await studio.idle();
  await discord.as(user).say(channel, 'eine Katze');
  await discord.until(() =>
    discord.messagesIn(channel, user).some(({ content }) => content.startsWith('Hallo! Mit /malen')),
  );
});

test('and the first one that a member ever writes to it, before anything else happened there', async () => {
  const { discord, application } = studio;
  const user = newcomer('bo');
  const channel = discord.world.directMessages(user.id, application.botId);
  await discord.as(user).say(channel, 'a cat');
  await discord.until(() => discord.messagesIn(channel, user).some(({ content }) => content.startsWith('Hi! Use')));
});

test('where nobody may paint, it says where', async () => {
  const { discord, bot, guild, general } = studio;
  const elsewhere = studio.channel('elsewhere');
  await bot.app.settings.change(guild.id, { channels: [general.id] });
  await discord.as(newcomer('cal')).say(elsewhere, mention());
  const [answer] = await discord.until(() => answers(elsewhere).length > 0 && answers(elsewhere));
  expect(answer!.content).toContain(`cannot paint in this channel. Try <#${general.id}>`);
  await bot.app.settings.change(guild.id, { channels: [] });
});

test('nobody is answered twice a minute, nor a channel twice in ten seconds', async () => {
  const { discord } = studio;
  const one = studio.channel('one');
  const other = studio.channel('other');
  const dan = newcomer('dan');
  await discord.as(dan).say(one, mention());
  await discord.until(() => answers(one).length > 0);
  await discord.as(dan).say(other, mention());
  await discord.as(newcomer('eve')).say(one, mention());
  await everythingSeen();
  expect([answers(one).length, answers(other).length]).toEqual([1, 0]);
});

test('other messages, @everyone, and replies to the bot are ignored', async () => {
  const { discord } = studio;
  const channel = studio.channel('talk');
  const fay = newcomer('fay');
  await discord.as(fay).say(channel, 'what a nice cat @everyone');
  const result = await studio.imagine(studio.alice, channel);
  await discord.messages.create(
    channel,
    { content: 'lovely', message_reference: { message_id: result.id } } as never,
    [],
    { authorId: fay.id, fileLimit: 0 } as never,
  );
  await everythingSeen();
  expect(answers(channel).map(({ id }) => id)).toEqual([result.id]);
});

test('a channel that it may not write to stays silent, and nothing is logged', async () => {
  const { discord } = studio;
  const deny = { id: studio.application.botId, type: 1 as const, allow: 0n, deny: PermissionFlagsBits.SendMessages };
  const closed = studio.channel('closed', { overwrites: [deny] });
  await discord.as(newcomer('gil')).say(closed, mention());
  await everythingSeen();
  expect(answers(closed)).toEqual([]);
  expect(studio.log.map((l) => JSON.stringify(l))).toEqual([]);
});
