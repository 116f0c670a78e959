import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../../src/config.js';
import type { Channel, Message, User } from '../../../src/discord/things.js';
import { QUICK, Studio } from './harness.js';

// Which language a text is in: the reader's own, or the server's if everybody sees it.

let studio: Studio;
let channel: Channel;
beforeAll(async () => {
  studio = await Studio.start();
  channel = studio.channel('languages');
});
afterAll(() => studio.stop());
afterEach(() => studio.bot.app.settings.change(studio.guild.id, { language: null }));

function member(locale: string): User {
  const user = studio.discord.createUser(`reader-${locale}`, { locale });
  studio.discord.join(studio.guild, user);
  return user;
}

const textOf = ({ content, embeds }: Message) => `${content}\n${JSON.stringify(embeds)}`;

const LANGUAGES = [
  {
    locale: 'de',
    answers: {
      'privacy show': 'Was ich über dich speichere',
      stats: 'Hier gemalt',
      models: 'Modelle',
      'styles list': 'noch keine Stile',
    },
    help: ['Easel malt Bilder', '**/malen**', 'Lizenz des Modells'],
    refused: 'Es gibt kein Modell „sd-9“',
    waits: /Warteschlange|Schritt \d+ von \d+|Gleich/,
    cancel: ['Abbrechen', 'Abgebrochen.'],
    result: ['für <@', `Diese Wörter kennt ${DEFAULT_MODEL} nicht`, 'zyzzyva'],
    failed: /Das konnte nicht gemalt werden: Es gibt kein LoRA „nope“/,
    modal: 'Bearbeiten und neu malen',
  },
  {
    locale: 'fr',
    answers: {
      'privacy show': 'Ce que je conserve sur toi',
      stats: 'Peint ici',
      models: 'Modèles',
      'styles list': 'pas encore de styles',
    },
    help: ['Easel peint des images', '**/imaginer**', 'Licence du modèle'],
    refused: 'Le modèle «\u00a0sd-9\u00a0» n’existe pas',
    waits: /En attente|étape \d+ sur \d+|C’est parti/,
    cancel: ['Annuler', 'Annulé.'],
    result: ['pour <@', `Mots que ${DEFAULT_MODEL} ne connaît pas`],
    failed: /Impossible de peindre cette image\s: Le LoRA «\snope\s» n’existe pas/,
    modal: 'Modifier et repeindre',
  },
  {
    locale: 'es-ES',
    answers: {
      'privacy show': 'Qué guardo sobre ti',
      stats: 'Pintado aquí',
      models: 'Modelos',
      'styles list': 'aún no tiene estilos',
    },
    help: ['Easel pinta imágenes', '**/imaginar**', 'Licencia del modelo'],
    refused: 'No existe el modelo «sd-9»',
    waits: /En espera|paso \d+ de \d+|Empezando/,
    cancel: ['Cancelar', 'Cancelado.'],
    result: ['para <@', `Palabras que ${DEFAULT_MODEL} no conoce`],
    failed: /No se ha podido pintar: No existe el LoRA/,
    modal: 'Editar y pintar de nuevo',
  },
  {
    locale: 'ja',
    answers: {
      'privacy show': 'あなたについて保存しているデータ',
      stats: 'ここで描いた絵',
      models: 'モデル',
      'styles list': 'まだスタイルがありません',
    },
    help: ['Easel は言葉から絵を描きます', '**/描く**', 'モデルのライセンス'],
    refused: 'モデル「sd-9」はありません',
    waits: /待機中|ステップ \d+\/\d+|描き始め/,
    cancel: ['キャンセル', 'キャンセルしました。'],
    result: ['さんのリクエスト', `${DEFAULT_MODEL} がよく知らない言葉`],
    failed: /描けませんでした：LoRA「nope」はありません/,
    modal: '編集してもう一度描く',
  },
];

describe.each(LANGUAGES)('a user with the locale $locale', (language) => {
  let user: User;
  beforeAll(() => {
    user = member(language.locale);
  });

  test('is helped, and refused', async () => {
    const { discord } = studio;
    const { message } = await discord.as(user).run(channel, 'help');
    for (const text of language.help) expect(textOf(message)).toContain(text);
    const refused = await discord.as(user).run(channel, 'imagine', { prompt: 'a fox', ...QUICK, model: 'sd-9' });
    expect(refused.message.onlyFor).toBe(user.id);
    expect(refused.message.content).toContain(language.refused);
  });

  test('reads what else there is to ask for', async () => {
    for (const [command, text] of Object.entries(language.answers)) {
      const { message } = await studio.discord.as(user).run(channel, command);
      expect(textOf(message), command).toContain(text);
    }
  });

  test('is told how far it is, and can cancel', async () => {
    const { discord } = studio;
    const [label, done] = language.cancel;
    const { message } = await discord.as(user).run(channel, 'imagine', { prompt: 'a castle', steps: 150, count: 4 });
    await discord.until(() => language.waits.test(discord.message(message).content));
    await discord.as(user).press(message, label!);
    await discord.until(() => discord.message(message).content === `**a castle**\n${done}`);
    await studio.idle();
  });

  test('reads the result, and what the model has to say to it', async () => {
    const result = await studio.imagine(user, channel, { prompt: 'zyzzyva' });
    for (const text of language.result) expect(result.content).toContain(text);
    const edit = await studio.discord.as(user).press(result, '✏️');
    expect(edit.answer).toMatchObject({ kind: 'modal', modal: { title: language.modal } });
  });

  test('reads why a request could not be painted', async () => {
    const { discord } = studio;
    const { message } = await discord.as(user).run(channel, 'imagine', { prompt: 'a cat <lora:nope:1>', ...QUICK });
    await discord.until(() => language.failed.test(discord.message(message).content));
    await studio.idle();
  });
});

test("public messages are in the server's language, hidden ones in the member's", async () => {
  const { discord, alice } = studio;
  const greta = member('de');
  const set = await discord.as(alice).run(channel, 'settings language', { locale: 'ja' });
  expect(textOf(set.message)).toContain('日本語');
  expect((await studio.imagine(greta, channel)).content).toContain('さんのリクエスト');
  expect((await studio.imagine(greta, channel, { hidden: true })).content).toContain(' für <@');
  const { message } = await discord.as(greta).run(channel, 'queue');
  expect(message.content).toContain('/malen');
});

test('what a reaction asked for is in the language of the server, chosen or preferred', async () => {
  const { discord, alice, application, bot } = studio;
  const atelier = discord.createGuild('atelier', alice, 'fr');
  discord.install(application, atelier);
  const salon = discord.createChannel(atelier, 'salon');
  const first = await studio.imagine(alice, salon, { prompt: 'zyzzyva' });
  expect(first.content).toContain(`Words that ${DEFAULT_MODEL} does not know`);
  const repeated = async () => {
    const before = studio.results(salon).length;
    discord.as(alice).react(first, '🔁');
    await discord.until(() => studio.results(salon).length > before);
    discord.as(alice).unreact(first, '🔁');
    return studio.results(salon).at(-1)!.content;
  };
  expect(await repeated()).toContain(`Mots que ${DEFAULT_MODEL} ne connaît pas`);
  await bot.app.settings.change(atelier.id, { language: 'es' });
  expect(await repeated()).toContain(`Palabras que ${DEFAULT_MODEL} no conoce`);
});

test('nothing went wrong meanwhile', async () => {
  await studio.idle();
  expect(studio.log).toEqual([]);
});
