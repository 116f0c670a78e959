import { afterAll, beforeAll, expect, test } from 'vitest';
import { QUICK, Studio } from './harness.js';

// What a member typed is returned if it is refused, because Discord forgets it.

let studio: Studio;
beforeAll(async () => {
  studio = await Studio.start();
});
afterAll(() => studio.stop());

const LONG = 'a fox that reads a book about foxes, '.repeat(25).trim();

test('a form that is refused gives its prompt back, to its author alone', async () => {
  const { discord, bob, general } = studio;
  const result = await studio.imagine(bob, general);
  const form = await discord.as(bob).press(result, '✏️');
  const tooLong = await discord.as(bob).submit(form, { prompt: LONG });
  expect(tooLong.message.onlyFor).toBe(bob.id);
  expect(tooLong.message.content).toMatch(/tokens, and the limit is/);
  expect(tooLong.message.content).toContain(`What you wrote, so that it is not lost:\n\`\`\`\n${LONG}`);
  const again = await discord.as(bob).press(result, '✏️');
  const number = await discord.as(bob).submit(again, { prompt: `${LONG.slice(0, 60)} \`\`\` _x_`, steps: 'many' });
  expect(number.message.content).toContain('"many" is not a number');
  expect(number.message.content).toContain(`${LONG.slice(0, 60)} ''' _x_`);
});

test('what does not fit the message comes as a file', async () => {
  const { discord, bob, general } = studio;
  const result = await studio.imagine(bob, general);
  const form = await discord.as(bob).press(result, '✏️');
  const negative = 'blur, '.repeat(200);
  const { message } = await discord.as(bob).submit(form, { prompt: LONG, negative });
  const file = Buffer.from(discord.file(message)).toString();
  expect(file).toContain(LONG);
  expect(file).toContain(negative.trim());
});

test('so does a command, except for short texts', async () => {
  const { discord, bob, general } = studio;
  const { message } = await discord.as(bob).run(general, 'imagine', { prompt: LONG, ...QUICK });
  expect(message.content).toContain(LONG);
  const short = await discord.as(bob).run(general, 'imagine', { prompt: 'a fox', model: 'none' });
  expect(short.message.content).not.toContain('What you wrote');
});

test('/settings defaults without anything to set says so, and changes nothing', async () => {
  const { discord, alice, general, bot, guild } = studio;
  await discord.as(alice).run(general, 'settings defaults', { steps_value: 3 });
  const { message } = await discord.as(alice).run(general, 'settings defaults');
  expect(message.content).toContain('Nothing was changed');
  expect(message.content).not.toContain('Saved');
  expect((await bot.app.settings.of(guild.id)).steps).toBe(3);
});

test('/help has a heading for each kind of thing, and the rules for those alone who manage them', async () => {
  const { discord, alice, bob, general } = studio;
  type Embed = { fields: { name: string; value: string }[]; description?: string };
  const fieldsFor = async (user: typeof bob) => {
    const { message } = await discord.as(user).run(general, 'help');
    return (message.embeds as unknown as [Embed])[0].fields;
  };
  const fields = await fieldsFor(bob);
  expect(fields.map(({ name }) => name)).toContain('Buttons under a picture');
  for (const { name, value } of fields.slice(0, -1)) {
    expect(value.split('\n').length, name).toBeLessThanOrEqual(3);
    for (const line of value.split('\n')) expect(line.length, line).toBeLessThan(90);
  }
  expect(JSON.stringify(fields)).not.toContain('/settings');
  expect(JSON.stringify(await fieldsFor(alice))).toContain('/settings');
});
