import { PermissionFlagsBits } from 'discord.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Channel, Message, User } from '../../../src/discord/things.js';
import { QUICK, Studio } from './harness.js';

// What those who manage a server do to keep it clean: refused words, the log, blocks, quotas, and who used how much.

let studio: Studio;
let channel: Channel;
let moderators: Channel;
beforeAll(async () => {
  studio = await Studio.start({ USER_QUEUE: '20' });
  channel = studio.channel('paint');
  const deny = { id: studio.guild.id, type: 0, allow: 0n, deny: PermissionFlagsBits.ViewChannel } as const;
  const allow = { id: studio.application.botId, type: 1, allow: PermissionFlagsBits.ViewChannel, deny: 0n } as const;
  moderators = studio.channel('moderators', { overwrites: [deny, allow] });
});
afterAll(() => studio.stop());

type Menu = { components: { custom_id: string }[] };
const menuOf = (message: Message) => (message.components![0] as unknown as Menu).components[0]!.custom_id;
const LOCALES = ['en-US', 'de', 'fr', 'es-ES', 'ja'];

function newcomer(name: string, roles: readonly string[] = []): User {
  const user = studio.discord.createUser(name);
  studio.discord.join(studio.guild, user);
  studio.guild.members.get(user.id)!.roles.push(...roles);
  return user;
}

/** What a member is answered, in each language. */
async function inEach(user: User, name: string, values: Parameters<Run>[2] = {}): Promise<string[]> {
  const answers: string[] = [];
  for (const locale of LOCALES) {
    user.locale = locale;
    const { message } = await studio.discord.as(user).run(channel, name, values);
    expect(message.onlyFor).toBe(user.id);
    answers.push(message.content);
  }
  user.locale = 'en-US';
  return answers;
}
type Run = ReturnType<Studio['discord']['as']>['run'];

async function answer(user: User, name: string, values: Parameters<Run>[2] = {}, where = channel): Promise<string> {
  const { message } = await studio.discord.as(user).run(where, name, values);
  expect(message.onlyFor).toBe(user.id);
  return message.content;
}

const lines = (where = moderators) =>
  studio.discord.messagesIn(where, studio.alice).flatMap(({ content }) => content.split('\n'));

/** The log's line with all of these texts, once it is there. */
const logged = (...texts: string[]) =>
  studio.discord.until(() => lines().find((line) => texts.every((text) => line.includes(text))));

test('words with asterisks are refused however they are written, and what would happen can be tried out', async () => {
  const { discord, alice, bob } = studio;
  expect((await inEach(alice, 'settings words', { test: 'a gun' })).map((text) => text.split('\n')[0])).toEqual([
    'This would be painted: this server refuses no words.',
    'Das würde gemalt: Dieser Server verbietet keine Wörter.',
    'Ceci serait peint\u00a0: ce serveur n’interdit aucun mot.',
    'Esto se pintaría: este servidor no prohíbe ninguna palabra.',
    '描かれます。このサーバーには禁止ワードがありません。',
  ]);
  const modal = await discord.as(alice).run(channel, 'settings words');
  const { message: wide } = await discord.as(alice).submit(modal, { words: 'clown, a*' });
  expect(wide.content).toContain('"a\\*" would refuse nearly every prompt');
  await discord.as(alice).submit(modal, { words: 'gun*, *porn*, big top' });
  const cases = [
    ['a gunfight', 'gun\\*'],
    ['gu(nf:1.2)ight', 'gun\\*'],
    ['popcоrnporny', '\\*porn\\*'],
    ['{a fox|the big} {top|hat}', 'big top'],
  ] as const;
  for (const [prompt, word] of cases) {
    expect(await answer(bob, 'imagine', { ...QUICK, prompt })).toContain(`"${word}" is not allowed`);
    expect(await answer(alice, 'settings words', { test: prompt })).toContain(
      `This would be refused because of one entry of the list: "${word}"`,
    );
  }
  const painted = 'the last dungeon, {big|small}';
  expect(await answer(alice, 'settings words', { test: painted })).toContain('none of the 3 refused words');
  expect(studio.isResult(await studio.imagine(bob, channel, { prompt: painted, count: 1 }))).toBe(true);
  expect(await answer(alice, 'settings words', { test: 'apple, '.repeat(200) })).toContain('The prompt has 400 tokens');
});

test('what a wildcard may become is tried as well, as /imagine would refuse it', async () => {
  const { discord, alice, bot, guild } = studio;
  const wildcards = [
    { name: 'beast', entries: ['fox', 'gunfighter', '{cow|big top} __more__'] },
    { name: 'more', entries: ['pear', 'handgun'] },
  ];
  await bot.app.settings.change(guild.id, { wildcards });
  const tried = async (test: string) => {
    const { message } = await discord.as(alice).run(channel, 'settings words', { test });
    return discord.until(() => (message.content ? message.content : null));
  };
  expect(await tried('a __beast__')).toContain(
    'It would be refused with "gunfighter", "big top pear", "big top handgun", because of "gun\\*", "big top", and painted',
  );
  expect(await tried('a big __more__')).toContain('none of the 3 refused words');
  expect(await tried('a gun with a __more__')).toContain('because of one entry of the list: "gun\\*"');
  expect(await tried('a __bird__')).toContain('There is no wildcard \\_\\_bird\\_\\_');
  const many = { name: 'many', entries: Array.from({ length: 2100 }, (_, k) => (k % 2 ? `gun${k}` : `top ${k}`)) };
  await bot.app.settings.change(guild.id, { wildcards: [many] });
  const long = await tried('a __many__');
  expect(long).toContain('I tried only the first 2000 entries');
  expect(long.length).toBeLessThanOrEqual(2000);
  await bot.app.settings.change(guild.id, { wildcards: [] });
});

let few: string;
let more: string;
let staff: string;

async function setQuotas(): Promise<void> {
  const { discord, alice, guild } = studio;
  [few, more, staff] = ['few', 'more', 'staff'].map((name) => discord.createRole(guild, name)) as [
    string,
    string,
    string,
  ];
  await answer(alice, 'settings limits', { per_hour: 2, role: few });
  await answer(alice, 'settings limits', { per_hour: 3, role: more });
  const { message } = await discord.as(alice).run(channel, 'settings exempt');
  await discord.as(alice).pick(message, menuOf(message), [staff]);
}

describe('the log', () => {
  beforeAll(async () => {
    expect(await answer(studio.alice, 'settings log', { channel: moderators.id })).toBe('Saved.');
  });

  test('says what was asked for, where, with a link: no picture, nobody pinged', async () => {
    const { bob, general, guild } = studio;
    const result = await studio.imagine(bob, general, { prompt: 'a **red** fox' });
    const line = await logged('a \\*\\*red\\*\\* fox');
    const link = `https://discord.com/channels/${guild.id}/${general.id}/${result.id}`;
    expect(line).toBe(
      `🖌️ <@${bob.id}> asked in <#${general.id}>: **a \\*\\*red\\*\\* fox** · [To the message](${link})`,
    );
    for (const message of studio.discord.messagesIn(moderators, studio.alice)) {
      expect([message.attachments, message.embeds, message.mentions]).toEqual([[], [], []]);
    }
  });

  test('links to nothing that only one member sees, and hides words from a channel for adults', async () => {
    const { bob } = studio;
    const adults = studio.channel('adults', { nsfw: true });
    await studio.imagine(bob, channel, { prompt: 'a secret fox', hidden: true });
    await studio.imagine(bob, adults, { prompt: 'a bare fox', spoiler: true });
    expect(await logged('a secret fox')).toMatch(/\*\*a secret fox\*\* · only they see the result$/);
    expect(await logged('a bare fox')).toContain('||**a bare fox**||');
  });

  test('says what was refused and why, the same only once, and what was removed and by whom', async () => {
    const { discord, alice, bob, guild } = studio;
    const roles = [discord.createRole(guild, 'moderator', PermissionFlagsBits.ManageMessages)];
    const marshal = newcomer('marshal', roles);
    const result = await studio.imagine(bob, channel, { prompt: 'a fox to remove' });
    for (let n = 0; n < 3; n++) await answer(bob, 'imagine', { prompt: 'a gunman' });
    await discord.as(marshal).press(result, '🗑️');
    const own = await studio.imagine(bob, channel, { prompt: 'a fox of my own' });
    discord.as(bob).react(own, '🗑️');
    const refused = await logged('is not allowed', 'a gunman');
    expect(refused).toMatch(/^🚫 <@\d+> was refused in <#\d+>: “.*” \*\*a gunman\*\* · ×3$/);
    expect(await logged('removed a result of')).toBe(
      `🗑️ <@${marshal.id}> removed a result of <@${bob.id}> in <#${channel.id}>: **a fox to remove**`,
    );
    await logged(`<@${bob.id}> removed a result of their own`, 'a fox of my own');
    await discord.as(alice).run(channel, 'settings language', { locale: 'de' });
    await answer(bob, 'imagine', { prompt: 'a gunner' });
    expect(await logged('a gunner')).toMatch(
      /wurde in <#\d+> abgewiesen: „„gun\\\*“ ist hier in Prompts nicht erlaubt/,
    );
    await discord.as(alice).run(channel, 'settings language', { locale: 'own' });
  });

  test('whoever opens it to everyone is told what that means', async () => {
    const { alice } = studio;
    const open = studio.channel('open');
    expect(await answer(alice, 'settings log', { channel: open.id })).toContain('Everyone can read that channel');
    await answer(alice, 'settings log', { channel: moderators.id });
  });
});

describe('a blocked member', () => {
  let carol: User;
  let result: Message;
  beforeAll(async () => {
    carol = newcomer('carol');
    result = await studio.imagine(carol, channel, { prompt: 'a fox by carol' });
  });

  test('gets one sentence from commands, buttons and menus, in their language, and no greeting', async () => {
    const { discord, alice, application } = studio;
    const waiting = await discord.as(carol).run(channel, 'imagine', { prompt: 'a castle', steps: 150, count: 4 });
    const said = await answer(alice, 'block member', { who: carol.id, time: 'day', reason: 'too many _foxes_' });
    expect(said).toMatch(/^<@\d+> cannot use me in this server until <t:\d+:f> \(reason: too many \\_foxes\\_\)\./);
    await discord.until(() => waiting.message.content.endsWith('Cancelled.'));
    const sentences = await inEach(carol, 'imagine', { prompt: 'a fox' });
    const start = [/^I am sorry, you may/, /^Tut mir leid, du darfst/, /^Désolé, tu ne/, /^Lo siento, no/, /^申し訳/];
    for (const [k, text] of sentences.entries()) {
      expect(text).toMatch(start[k]!);
      expect(text).toContain('foxes');
    }
    for (const { message } of [
      await discord.as(carol).press(result, '🔁'),
      await discord.as(carol).press(result, 'V1'),
      await discord.as(carol).contextMenu(result, 'How was this made?'),
      await discord.as(carol).run(channel, 'stats'),
    ]) {
      expect(message.content).toBe(sentences[0]);
      expect(message.onlyFor).toBe(carol.id);
    }
    discord.as(carol).react(result, '🔁');
    await discord.as(carol).say(channel, `<@${application.botId}>`);
    await logged(`<@${carol.id}> was refused`);
    await logged('⛔', `<@${alice.id}> blocked <@${carol.id}> until`, 'too many');
    await studio.idle();
    expect(studio.results(channel, carol).filter(({ id }) => id > result.id)).toEqual([]);
    expect(discord.messagesIn(channel, alice).some(({ content }) => content.startsWith('Hi!'))).toBe(false);
  });

  test('still sees what is kept about them, deletes it, and stays blocked, also after a restart', async () => {
    const { discord, alice, application } = studio;
    await setQuotas();
    await studio.restart();
    const exported = await discord.as(carol).run(channel, 'privacy export');
    await discord.until(() => discord.message(exported.message).attachments.length > 0);
    const data = JSON.parse(Buffer.from(discord.file(discord.message(exported.message))).toString());
    expect(data.blocks).toMatchObject([{ guild: studio.guild.id, reason: 'too many _foxes_' }]);
    expect(JSON.stringify(data.blocks)).not.toContain(alice.id);
    const ask = await discord.as(carol).run(channel, 'privacy delete');
    await discord.as(carol).press(ask.message, 'Delete my data');
    await discord.until(() => discord.message(ask.message).content.includes('was deleted'));
    expect(await answer(carol, 'imagine', { prompt: 'a fox' })).toMatch(/^I am sorry/);
    expect(await answer(alice, 'block list')).toMatch(/^One member is blocked.*\n<@\d+> until <t:\d+:f> \(reason/);
    // Elsewhere it is not this server's affair.
    const direct = discord.world.directMessages(carol.id, application.botId);
    expect(studio.isResult(await studio.imagine(carol, direct))).toBe(true);
  });

  test('works with it again once that is lifted', async () => {
    const { alice } = studio;
    expect(await answer(alice, 'block end', { who: carol.id })).toBe(`<@${carol.id}> can use me in this server again.`);
    expect(await answer(alice, 'block end', { who: carol.id })).toBe(`<@${carol.id}> is not blocked here.`);
    expect(await answer(alice, 'block list')).toBe('Nobody is blocked in this server.');
    expect(studio.isResult(await studio.imagine(carol, channel))).toBe(true);
    await logged(`<@${alice.id}> let <@${carol.id}> use me again`);
  });

  test('is never a manager or a bot, and no member blocks anybody', async () => {
    const { discord, alice, bob, guild, application } = studio;
    const manager = newcomer('manager', [discord.createRole(guild, 'managers', PermissionFlagsBits.ManageGuild)]);
    for (const who of [manager.id, alice.id]) {
      expect(await answer(alice, 'block member', { who })).toBe('Members who manage this server cannot be blocked.');
    }
    expect(await answer(alice, 'block member', { who: application.botId })).toMatch(/^Bots cannot be blocked/);
    await expect(discord.as(bob).run(channel, 'block list')).rejects.toThrow('no command');
    // Whoever manages the server by now is not blocked any more.
    await answer(alice, 'block member', { who: bob.id });
    guild.members.get(bob.id)!.roles.push(...guild.members.get(manager.id)!.roles);
    expect(studio.isResult(await studio.imagine(bob, channel))).toBe(true);
    guild.members.get(bob.id)!.roles.pop();
    await answer(alice, 'block end', { who: bob.id });
  });
});

describe('quotas', () => {
  beforeAll(() => answer(studio.alice, 'settings limits', { per_hour: 1 }));
  afterAll(() => answer(studio.alice, 'settings limits', { per_hour: 0 }));

  test('are shown, also after a restart', async () => {
    const shown = await studio.discord.as(studio.alice).run(channel, 'settings show');
    expect(JSON.stringify(shown.message.embeds)).toContain(
      `1\\n<@&${few}>: 2\\n<@&${more}>: 3\\n<@&${staff}>: the operator`,
    );
  });

  test('of the most generous role of a member count, and an exempt role has none of the server', async () => {
    for (const [name, roles, pictures] of [
      ['ann', [], 1],
      ['cal', [few, more], 3],
      ['dan', [few, staff], 4],
    ] as const) {
      const user = newcomer(name, roles);
      const asked = { prompt: 'a fox', ...QUICK };
      for (let n = 0; n < pictures; n++) await studio.discord.as(user).run(channel, 'imagine', asked);
      if (name !== 'dan') expect(await answer(user, 'imagine', asked), name).toMatch(/limit.*<t:\d+:R>/);
    }
    await studio.idle();
    await logged('You have reached your limit');
  });
});

test('those who manage the server get the usage of all its members as a file', async () => {
  const { discord, alice, bob, bot } = studio;
  await bot.app.stats.settled();
  const { message } = await discord.as(alice).run(channel, 'stats', { csv: true });
  await discord.until(() => discord.message(message).attachments.length > 0);
  const file = discord.message(message);
  expect([file.onlyFor, file.attachments[0]!.filename]).toEqual([alice.id, 'usage.csv']);
  const rows = Buffer.from(discord.file(file)).toString().split('\r\n');
  expect(rows[0]).toContain('painter_seconds');
  expect(rows.find((row) => row.includes(bob.id))).toMatch(/^<@\d+>,bob,(\d+),\d+,[\d.]+,[\d.]+,\1,/);
  expect(await answer(bob, 'stats', { csv: true })).toContain('Only members who manage this server');
  const shown = await discord.as(alice).run(channel, 'stats');
  expect(JSON.stringify(shown.message.embeds)).toMatch(/1\. <@\d+>: \*\*\d+\*\* \([\d.]+ s CPU\)/);
});

describe('a log in trouble', () => {
  test('a flood costs a few messages, what moderators do is in them, and the rest is counted', async () => {
    const { discord, bob, alice, bot, guild } = studio;
    await logged('a fox');
    const before = discord.messagesIn(moderators, alice).length;
    const request = (await bot.app.results.latest(bob.id, channel.id))!.record.request;
    const somebody = { user: bob.id, channel: channel.id };
    for (let n = 0; n < 1000; n++) {
      bot.app.moderation.note(guild.id, { kind: 'asked', job: `flood-${n}`, hidden: false, request, ...somebody });
    }
    bot.app.moderation.note(guild.id, { kind: 'unblocked', user: bob.id, by: '1' });
    const began = Date.now();
    expect(studio.isResult(await studio.imagine(bob, channel))).toBe(true);
    await logged('more entries were left out');
    await logged('<@1> let');
    const sent = discord.messagesIn(moderators, alice).slice(before);
    expect(sent.length).toBeLessThanOrEqual(1 + Math.ceil((Date.now() - began) / 2000));
    for (const { content } of sent) expect([...content].length).toBeLessThanOrEqual(2000);
  });

  test('a channel where the bot may not write is refused; if that comes later, it is shown, and requests go on', async () => {
    const { discord, alice, bob, application, guild, log } = studio;
    const mute = { id: application.botId, type: 1, allow: 0n, deny: PermissionFlagsBits.SendMessages } as const;
    const shut = studio.channel('shut', { overwrites: [mute] });
    expect(await answer(alice, 'settings log', { channel: shut.id })).toMatch(
      /^I cannot write in <#\d+>\. .*send messages/,
    );
    const later = studio.channel('later');
    await answer(alice, 'settings log', { channel: later.id });
    later.overwrites.push(mute);
    const data = discord.payloads.channel(later);
    discord.world.publish({ name: 'CHANNEL_UPDATE', data, guildId: guild.id });
    expect(studio.isResult(await studio.imagine(bob, channel))).toBe(true);
    await expect.poll(() => log.map(({ msg }) => msg)).toContain('the moderation log was not written: closed');
    const shown = await discord.as(alice).run(channel, 'settings show');
    expect(JSON.stringify(shown.message.embeds)).toContain(`<#${later.id}>\\nI am not allowed to write there.`);
    await answer(alice, 'settings log', { channel: moderators.id });
  });

  test('a channel that is gone is taken out of the rules, and requests go on', async () => {
    const { discord, bob, bot, guild } = studio;
    discord.deleteChannel(moderators);
    expect(studio.isResult(await studio.imagine(bob, channel))).toBe(true);
    await expect.poll(async () => (await bot.app.settings.of(guild.id)).logChannel, { timeout: 30_000 }).toBeNull();
  });
});

test('nothing else went wrong meanwhile', async () => {
  await studio.idle();
  const expected = ['closed', 'gone'].map((what) => `the moderation log was not written: ${what}`);
  expect(studio.log.map(({ msg }) => msg)).toEqual(expected);
});
