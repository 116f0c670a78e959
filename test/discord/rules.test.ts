import { describe, expect, test } from 'vitest';
import { DiscordError } from '../../src/discord/error.js';
import { checkReferences } from '../../src/discord/media.js';
import { checkCommands, checkOptionValues } from '../../src/discord/rules/command.js';
import { checkPicked, checkTyped } from '../../src/discord/rules/filled.js';
import { checkMessage, checkNotEmpty } from '../../src/discord/rules/message.js';
import { checkModal } from '../../src/discord/rules/modal.js';

// The limits stand in Discord's documentation: "Embed Limits", "Component Reference", "Create Message", "Modal" and "Application Command Structure".

const V2 = 1 << 15;
const button = (n: number | string = 1, more: object = {}) => ({
  type: 2,
  style: 1,
  label: `${n}`,
  custom_id: `${n}`,
  ...more,
});
const row = (...components: object[]) => ({ type: 1, components });
const buttons = (count: number) => Array.from({ length: count }, (_, i) => button(i));
const select = (count: number, more: object = {}) => ({
  type: 3,
  custom_id: 'select',
  options: Array.from({ length: count }, (_, i) => ({ label: `${i}`, value: `${i}` })),
  ...more,
});
const text = (content = 'x') => ({ type: 10, content });
const file = { type: 13, file: { url: 'attachment://a.png' } };
const gallery = (count: number, more: object = {}) => ({
  type: 12,
  items: Array.from({ length: count }, () => ({ media: { url: 'attachment://a.png' }, ...more })),
});

/** Where the answer says that the form is wrong, as a path; or the code of another error; null for none. */
function refusal(check: () => void): string | number | null {
  try {
    check();
    return null;
  } catch (error) {
    if (!(error instanceof DiscordError)) throw error;
    if (error.code !== 50035) return error.code;
    const keys: string[] = [];
    let at = error.errors as Record<string, unknown>;
    while (!('_errors' in at)) {
      const [key] = Object.keys(at);
      keys.push(key!);
      at = at[key!] as Record<string, unknown>;
    }
    return keys.join('.');
  }
}

describe('a message', () => {
  test.each<[string, object]>([
    ['the longest content', { content: 'x'.repeat(2000) }],
    [
      'ten embeds of 6000 characters together',
      { embeds: Array.from({ length: 10 }, () => ({ description: 'x'.repeat(600) })) },
    ],
    ['25 fields', { embeds: [{ fields: Array.from({ length: 25 }, () => ({ name: 'n', value: 'v' })) }] }],
    [
      '25 buttons in five rows',
      { components: [0, 5, 10, 15, 20].map((from) => row(...[0, 1, 2, 3, 4].map((n) => button(from + n)))) },
    ],
    ['a select menu of 25 options', { components: [row(select(25, { max_values: 25 }))] }],
    ['a link', { components: [row({ type: 2, style: 5, label: 'Docs', url: 'https://example.org' })] }],
    ['a button with an emoji alone', { components: [row(button(1, { label: undefined, emoji: { name: '🔁' } }))] }],
    [
      '40 components, counted with what is in them',
      { flags: V2, components: [{ type: 17, components: Array.from({ length: 39 }, () => text()) }] },
    ],
    [
      'a gallery, a file and a section',
      { flags: V2, components: [gallery(10), file, { type: 9, components: [text()], accessory: button() }] },
    ],
    ['a picture of its own in an embed', { embeds: [{ image: { url: 'attachment://grid.png' } }] }],
  ])('may have %s', (_, message) => {
    expect(refusal(() => checkMessage(message))).toBeNull();
  });

  test.each<[string, object, string]>([
    ['content of 2001 characters', { content: 'x'.repeat(2001) }, 'content'],
    ['eleven embeds', { embeds: Array.from({ length: 11 }, () => ({ title: 'x' })) }, 'embeds'],
    [
      'embeds of 6001 characters together',
      { embeds: [{ description: 'x'.repeat(3000) }, { description: 'x'.repeat(3001) }] },
      'embeds',
    ],
    ['a title of 257 characters', { embeds: [{ title: 'x'.repeat(257) }] }, 'embeds.0.title'],
    ['a footer of 2049 characters', { embeds: [{ footer: { text: 'x'.repeat(2049) } }] }, 'embeds.0.footer.text'],
    [
      '26 fields',
      { embeds: [{ fields: Array.from({ length: 26 }, () => ({ name: 'n', value: 'v' })) }] },
      'embeds.0.fields',
    ],
    ['a field without a value', { embeds: [{ fields: [{ name: 'n', value: '' }] }] }, 'embeds.0.fields.0'],
    [
      'an embed with a picture of another scheme',
      { embeds: [{ image: { url: 'file:///etc/passwd' } }] },
      'embeds.0.image.url',
    ],
    ['six rows', { components: Array.from({ length: 6 }, (_, i) => row(button(i))) }, 'components'],
    ['six buttons in a row', { components: [row(...buttons(6))] }, 'components.0.components'],
    ['an empty row', { components: [row()] }, 'components.0.components'],
    ['a button beside a select menu', { components: [row(select(1), button())] }, 'components.0.components'],
    ['a button outside a row', { components: [row(button()), button(2)] }, 'components.1.type'],
    ['a row in a row', { components: [row(row(button()))] }, 'components.0.components.0.type'],
    ['two components of one id', { components: [row(button(1), button(1))] }, 'components.0.components.1.custom_id'],
    [
      'an id of 101 characters',
      { components: [row(button(1, { custom_id: 'x'.repeat(101) }))] },
      'components.0.components.0.custom_id',
    ],
    [
      'a button without an id',
      { components: [row(button(1, { custom_id: undefined }))] },
      'components.0.components.0.custom_id',
    ],
    ['a button that says nothing', { components: [row(button(1, { label: '' }))] }, 'components.0.components.0'],
    [
      'a label of 81 characters',
      { components: [row(button(1, { label: 'x'.repeat(81) }))] },
      'components.0.components.0.label',
    ],
    [
      'a link that runs a script',
      { components: [row({ type: 2, style: 5, label: 'x', url: 'javascript:alert(1)' })] },
      'components.0.components.0.url',
    ],
    [
      'an address on a button that is no link',
      { components: [row(button(1, { url: 'https://example.org' }))] },
      'components.0.components.0.url',
    ],
    ['26 options', { components: [row(select(26))] }, 'components.0.components.0.options'],
    ['no options', { components: [row(select(0))] }, 'components.0.components.0.options'],
    [
      'more choices than options',
      { components: [row(select(2, { max_values: 3 }))] },
      'components.0.components.0.max_values',
    ],
    [
      'a least above the most',
      { components: [row(select(5, { min_values: 3, max_values: 2 }))] },
      'components.0.components.0.max_values',
    ],
    [
      'a placeholder of 151 characters',
      { components: [row(select(1, { placeholder: 'x'.repeat(151) }))] },
      'components.0.components.0.placeholder',
    ],
    [
      'two options of one value',
      {
        components: [
          row(
            select(0, {
              options: [
                { label: 'a', value: 'v' },
                { label: 'b', value: 'v' },
              ],
            }),
          ),
        ],
      },
      'components.0.components.0.options',
    ],
    ['text displays without the flag', { components: [text()] }, 'components.0.type'],
    ['content beside the flag', { flags: V2, content: 'x', components: [text()] }, 'content'],
    ['embeds beside the flag', { flags: V2, embeds: [{ title: 'x' }], components: [text()] }, 'embeds'],
    [
      '41 components',
      { flags: V2, components: [{ type: 17, components: Array.from({ length: 40 }, () => text()) }] },
      'components',
    ],
    ['4001 characters of text', { flags: V2, components: [text('x'.repeat(4000)), text('x')] }, 'components'],
    [
      'a container in a container',
      { flags: V2, components: [{ type: 17, components: [{ type: 17, components: [text()] }] }] },
      'components.0.components.0.type',
    ],
    [
      'a section with nothing at its side',
      { flags: V2, components: [{ type: 9, components: [text()] }] },
      'components.0.accessory',
    ],
    [
      'a section of four texts',
      { flags: V2, components: [{ type: 9, components: [text(), text(), text(), text()], accessory: button() }] },
      'components.0.components',
    ],
    [
      'a section with a select menu at its side',
      { flags: V2, components: [{ type: 9, components: [text()], accessory: select(1) }] },
      'components.0.accessory.type',
    ],
    ['an empty gallery', { flags: V2, components: [gallery(0)] }, 'components.0.items'],
    ['a gallery of eleven', { flags: V2, components: [gallery(11)] }, 'components.0.items'],
    [
      'a picture described in 1025 characters',
      { flags: V2, components: [gallery(1, { description: 'x'.repeat(1025) })] },
      'components.0.items.0.description',
    ],
    [
      'a file from elsewhere',
      { flags: V2, components: [{ type: 13, file: { url: 'https://example.org/a' } }] },
      'components.0.file.url',
    ],
    [
      'a component that is for modals',
      { components: [row({ type: 4, custom_id: 'x', style: 1, label: 'x' })] },
      'components.0.components.0.type',
    ],
    ['eleven attachments', { attachments: Array.from({ length: 11 }, (_, id) => ({ id })) }, 'attachments'],
    ['users both named and all', { allowed_mentions: { parse: ['users'], users: ['1'] } }, 'allowed_mentions.users'],
    [
      '101 roles named',
      { allowed_mentions: { roles: Array.from({ length: 101 }, () => '1') } },
      'allowed_mentions.roles',
    ],
    [
      'an attachment described in 1025 characters',
      { attachments: [{ id: 0, description: 'x'.repeat(1025) }] },
      'attachments.0.description',
    ],
  ])('may not have %s', (_, message, at) => {
    expect(refusal(() => checkMessage(message))).toBe(at);
  });

  test('must show something', () => {
    expect(refusal(() => checkNotEmpty({ content: '' }, 0))).toBe(50006);
    expect(refusal(() => checkNotEmpty({ content: '' }, 1))).toBeNull();
  });
});

describe('a modal', () => {
  const input = (id = 'a', more: object = {}) => row({ type: 4, custom_id: id, style: 1, label: 'Label', ...more });
  const modal = (more: object) => ({ title: 'Edit', custom_id: 'm', components: [input()], ...more });

  const upload = (more: object) => ({ type: 19, custom_id: 'mask', ...more });
  const label = (more: object, description?: string) => ({
    type: 18,
    label: 'Mask',
    description,
    component: upload(more),
  });

  test('may have five inputs', () => {
    expect(
      refusal(() => checkModal(modal({ components: ['a', 'b', 'c', 'd', 'e'].map((id) => input(id)) }))),
    ).toBeNull();
  });
  test.each<[string, object, string]>([
    ['no title', { title: '' }, 'data.title'],
    ['a title of 46 characters', { title: 'x'.repeat(46) }, 'data.title'],
    ['no inputs', { components: [] }, 'data.components'],
    ['six inputs', { components: ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => input(id)) }, 'data.components'],
    ['two inputs of one id', { components: [input(), input()] }, 'data.components.1.custom_id'],
    ['an input of no name', { components: [input('a', { label: undefined })] }, 'data.components.0.label'],
    [
      'a value of 4001 characters',
      { components: [input('a', { value: 'x'.repeat(4001) })] },
      'data.components.0.value',
    ],
    [
      'a described input of 101 characters',
      { components: [label({}, 'x'.repeat(101))] },
      'data.components.0.description',
    ],
    [
      'an upload of eleven files',
      { components: [label({ max_values: 11 })] },
      'data.components.0.component.max_values',
    ],
    ['an upload of no file', { components: [label({ max_values: 0 })] }, 'data.components.0.component.max_values'],
    [
      'an upload of a kind that is none',
      { components: [label({ file_types: ['pictures'] })] },
      'data.components.0.component.file_types',
    ],
    ['an upload that stands in a row', { components: [row(upload({}))] }, 'data.components.0.type'],
  ])('may not have %s', (_, more, at) => {
    expect(refusal(() => checkModal(modal(more)))).toBe(at);
  });

  test('may have an upload of up to ten files', () => {
    expect(refusal(() => checkModal(modal({ components: [label({ min_values: 0, max_values: 10 })] })))).toBeNull();
  });
});

describe('commands', () => {
  const command = (more: object = {}) => ({ name: 'imagine', description: 'Paint', ...more });
  const option = (name: string, more: object = {}) => ({ type: 3, name, description: 'x', ...more });
  const file = (more: object) => option('a', { type: 11, ...more });
  const many = (count: number, more: object = {}) =>
    Array.from({ length: count }, (_, i) => ({ name: `c${i}`, ...more }));

  test('may be 100, and 15 of each menu', () => {
    const all = [...many(100, { description: 'x' }), ...many(15, { type: 2 }), ...many(15, { type: 3 })];
    expect(refusal(() => checkCommands(all))).toBeNull();
    expect(refusal(() => checkCommands([command({ options: [file({ file_types: ['image', '.tiff'] })] })]))).toBeNull();
    expect(refusal(() => checkCommands(many(101, { description: 'x' })))).toBe(30032);
    expect(refusal(() => checkCommands(many(16, { type: 3 })))).toBe(30032);
  });
  test.each<[string, object, string]>([
    ['an upper-case name', { name: 'Imagine' }, '0.name'],
    ['a name with blanks', { name: 'to imagine' }, '0.name'],
    ['no description', { description: '' }, '0.description'],
    ['a description of 101 characters', { description: 'x'.repeat(101) }, '0.description'],
    ['a translated name with a capital', { name_localizations: { de: 'Malen' } }, '0.name'],
    ['26 options', { options: Array.from({ length: 26 }, (_, i) => option(`o${i}`)) }, '0.options'],
    ['two options of one name', { options: [option('a'), option('a')] }, '0.options.1.name'],
    [
      'a required option behind others',
      { options: [option('a'), option('b', { required: true })] },
      '0.options.1.required',
    ],
    ['file types of a text', { options: [option('a', { file_types: ['image'] })] }, '0.options.0.file_types'],
    ['an unknown group of files', { options: [file({ file_types: ['picture'] })] }, '0.options.0.file_types'],
    ['eleven file types', { options: [file({ file_types: Array(11).fill('.png') })] }, '0.options.0.file_types'],
    [
      '26 choices',
      { options: [option('a', { choices: Array.from({ length: 26 }, (_, i) => ({ name: `${i}`, value: `${i}` })) })] },
      '0.options.0.choices',
    ],
    [
      'choices and autocomplete',
      { options: [option('a', { autocomplete: true, choices: [{ name: 'x', value: 'x' }] })] },
      '0.options.0',
    ],
    ['texts longer than 6000', { options: [option('a', { max_length: 6001 })] }, '0.options.0.max_length'],
    [
      '8001 characters in all',
      {
        options: Array.from({ length: 4 }, (_, i) =>
          option(`o${i}`, {
            choices: Array.from({ length: 25 }, (_, k) => ({ name: `${k}`.padEnd(50), value: `${k}`.padEnd(50) })),
          }),
        ),
      },
      '0',
    ],
  ])('may not have %s', (_, more, at) => {
    expect(refusal(() => checkCommands([command(more)]))).toBe(at);
  });
  test('of one kind have different names', () => {
    expect(refusal(() => checkCommands([command(), command()]))).toBe('1.name');
  });
});

describe('what a user types into options', () => {
  const options = [
    { type: 3, name: 'prompt', description: 'x', required: true, max_length: 5 },
    { type: 4, name: 'count', description: 'x', min_value: 1, max_value: 4 },
    { type: 3, name: 'size', description: 'x', choices: [{ name: 'Small', value: 's' }] },
    { type: 5, name: 'hidden', description: 'x' },
  ] as Parameters<typeof checkOptionValues>[0];

  test('is sent when it fits', () => {
    checkOptionValues(options, { prompt: 'apple', count: 4, size: 's', hidden: true });
  });
  test.each([
    [{}, 'required'],
    [{ prompt: 'apples' }, 'at most 5 characters'],
    [{ prompt: 'x', count: 5 }, 'at most 4'],
    [{ prompt: 'x', count: 0 }, 'at least 1'],
    [{ prompt: 'x', count: 1.5 }, 'whole number'],
    [{ prompt: 'x', size: 'm' }, 'choices'],
    [{ prompt: 'x', hidden: 'yes' }, 'yes or no'],
    [{ prompt: 'x', colour: 'red' }, 'no option'],
  ])('is not sent otherwise: %j', (values, why) => {
    expect(() => checkOptionValues(options, values as never)).toThrow(why);
  });
});

describe('what a user fills in', () => {
  test('is chosen among the options, as many as allowed', () => {
    const menu = select(3, { min_values: 1, max_values: 2 });
    checkPicked(menu, ['0', '2']);
    expect(() => checkPicked(menu, [])).toThrow('1 to 2');
    expect(() => checkPicked(menu, ['0', '1', '2'])).toThrow('1 to 2');
    expect(() => checkPicked(menu, ['3'])).toThrow('no option');
    expect(() => checkPicked({ ...menu, disabled: true }, ['0'])).toThrow('disabled');
  });
  test('is as long as the input allows', () => {
    const input = { custom_id: 'seed', required: false, min_length: 2, max_length: 3 };
    checkTyped(input, '');
    checkTyped(input, '12');
    expect(() => checkTyped(input, '1')).toThrow('at least 2');
    expect(() => checkTyped(input, '1234')).toThrow('at most 3');
    expect(() => checkTyped({ custom_id: 'prompt' }, '')).toThrow('filled in');
  });
});

describe('a reference to a file', () => {
  const inside = { type: 17, components: [gallery(1)] };
  test.each<[string, object, string]>([
    ['in a gallery', gallery(2), 'components.0.items.0.media.url'],
    ['in a container', inside, 'components.0.components.0.items.0.media.url'],
    ['as a file', file, 'components.0.file.url'],
    [
      'as a thumbnail',
      { type: 9, components: [text()], accessory: { type: 11, media: { url: 'attachment://a.png' } } },
      'components.0.accessory.media.url',
    ],
  ])('%s is to one that comes with the message', (_, component, path) => {
    expect(refusal(() => checkReferences([component], ['b.png', 'a.png']))).toBeNull();
    expect(refusal(() => checkReferences([component], ['b.png']))).toBe(path);
  });

  test('pictures elsewhere need no file', () => {
    const elsewhere = { type: 12, items: [{ media: { url: 'https://example.org/a.png' } }] };
    expect(refusal(() => checkReferences([elsewhere], []))).toBeNull();
  });
});
