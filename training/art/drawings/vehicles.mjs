import { box, flat, line, many, mix, oval, path, soft, solid } from './kit.mjs';

const GOLD = '#ffc233';
const WOOD = '#96583a';
const window = (x, y, radius, glass = '#5cc8ff') =>
  solid(oval(x, y, radius), '#ece6f4', { depth: 4 }) +
  solid(oval(x, y, radius * 0.7), glass, { ball: true, depth: 4, on: flat(oval(x - radius * 0.22, y - radius * 0.28, radius * 0.2, radius * 0.14), '#ffffff', 0.8) });

const skull = (x, y, size, colour) =>
  `<g transform="translate(${x} ${y}) scale(${size})">${line('M-16 16 L16 28 M16 16 L-16 28', colour, 6)}${flat(oval(0, -4, 17, 15) + box(-9, 4, 18, 14, 5), colour)}${flat(oval(-7, -3, 4.5, 5) + oval(7, -3, 4.5, 5), '#2c2140')}</g>`;

const pirateShip = (sail, mark) => () => [
  solid(path('M122 172 V22 M196 172 V66 M62 172 V74'), '#7b4a38', { width: 9, depth: 4 }),
  solid(path('M28 178 L4 148'), '#7b4a38', { width: 9, depth: 4 }),
  solid(path('M126 10 Q146 2 160 12 Q170 16 178 10 V38 Q168 44 158 38 Q144 30 126 38 Z'), '#2f2845', { depth: 6 }),
  skull(148, 22, 0.42, '#f6f2fa'),
  solid(path('M82 50 Q124 40 170 50 Q184 88 168 122 Q124 134 76 122 Q94 88 82 50 Z'), sail, { depth: 16 }),
  skull(126, 80, 1.25, mark),
  solid(path('M74 134 Q124 124 176 134 Q184 148 176 160 Q124 168 68 160 Q80 148 74 134 Z'), sail, { depth: 10 }),
  solid(path('M36 92 Q62 84 84 92 Q92 120 82 148 Q58 156 32 148 Q44 120 36 92 Z'), sail, { depth: 10 }),
  solid(path('M178 84 Q202 76 226 84 Q236 112 226 142 Q202 150 174 142 Q186 112 178 84 Z'), sail, { depth: 10 }),
  solid(path('M12 168 Q30 178 56 178 H170 L176 150 H240 Q250 150 246 160 Q240 226 204 244 H78 Q34 232 12 168 Z'), WOOD, {
    depth: 20,
    on: flat(path('M8 194 Q60 206 250 200 v4 Q60 210 8 198 Z M8 218 Q60 228 250 222 v4 Q60 232 8 222 Z'), '#4d1f2c', 0.4) +
      flat(path('M0 166 Q30 178 56 178 H172 V188 H54 Q26 188 0 176 Z'), GOLD, 0.95),
  }),
  solid(box(170, 146, 80, 12, 6), GOLD, { depth: 5 }),
  many(4, (at) => solid(box(66 + at * 30, 196, 16, 16, 4), '#2f2238', { depth: 4 })),
  solid(box(188, 170, 18, 20, 5), '#ffd75e', { depth: 5 }) + solid(box(214, 170, 18, 20, 5), '#ffd75e', { depth: 5 }),
].join('');

const submarine = (colour, trim) => () => [
  solid(path('M128 84 V36 Q128 26 138 26 H158'), '#8f8aa3', { width: 11, depth: 5 }),
  solid(oval(160, 26, 9, 10), '#5cc8ff', { depth: 4 }),
  solid(path('M92 112 L98 74 Q100 64 110 64 H150 Q160 64 164 74 L172 112 Z'), colour, { depth: 12 }),
  solid(box(94, 62, 74, 12, 6), trim, { depth: 5 }),
  solid(oval(18, 150, 9, 24, 14) + oval(18, 176, 9, 24, -14), '#8f8aa3', { depth: 6 }),
  solid(path('M40 126 L14 100 Q10 94 18 94 H44 Q54 94 66 112 Z M40 196 L14 224 Q10 230 18 230 H44 Q54 230 66 212 Z'), trim, { depth: 8 }),
  solid(path('M22 163 Q50 98 130 98 H166 Q248 102 250 162 Q248 224 166 228 H130 Q50 228 22 163 Z'), colour, {
    depth: 30,
    on: flat(path('M0 186 Q120 206 256 186 v14 Q120 220 0 200 Z'), trim, 0.9),
  }),
  soft(oval(150, 118, 62, 7, 2), '#ffffff', 0.6, 4),
  window(98, 156, 21) + window(152, 156, 21) + window(204, 154, 21),
].join('');

const steamTrain = (colour, trim) => () => {
  const wheel = (x, y, radius) =>
    solid(oval(x, y, radius), '#3b3350', { ball: true, depth: 7 }) + solid(oval(x, y, radius * 0.72), trim, { ball: true, depth: 4 }) + solid(oval(x, y, radius * 0.3), GOLD, { ball: true, depth: 3 });
  return [
    solid(oval(160, 22, 24, 18) + oval(192, 30, 20, 15) + oval(136, 32, 20, 15), '#f1edf7', { depth: 12 }),
    solid(path('M196 92 V66 L186 46 H226 L216 66 V92 Z'), '#3b3350', { depth: 9 }),
    solid(box(182, 40, 48, 12, 6), GOLD, { depth: 5 }),
    solid(path('M130 96 V80 Q130 64 146 64 Q162 64 162 80 V96 Z'), GOLD, { depth: 8 }),
    solid(box(18, 60, 80, 130, 8), colour, { depth: 16 }),
    solid(box(8, 48, 100, 20, 10), '#3b3350', { depth: 8 }),
    solid(box(34, 80, 48, 44, 8), '#5cc8ff', { depth: 8, on: flat(path('M38 124 L66 80 H78 L50 124 Z'), '#ffffff', 0.45) }),
    solid(box(88, 88, 148, 90, 30), colour, {
      depth: 24,
      on: flat(box(116, 80, 9, 110, 0) + box(172, 80, 9, 110, 0), GOLD),
    }),
    soft(box(104, 98, 116, 8, 4), '#ffffff', 0.55, 4),
    solid(box(222, 96, 20, 74, 9), '#3b3350', { depth: 8 }) + solid(oval(240, 118, 9), '#ffe27a', { ball: true, depth: 4 }),
    solid(box(14, 172, 224, 20, 8), '#3b3350', { depth: 7 }),
    solid(path('M214 188 H236 L254 236 H206 Z'), trim, { depth: 8 }),
    wheel(52, 206, 36) + wheel(128, 212, 30) + wheel(186, 212, 30),
    solid(path('M52 212 H186'), '#c8c3d6', { width: 9, depth: 4 }),
  ].join('');
};

const balloon = (one, two, three) => () => [
  solid(path('M84 168 L106 208 M172 168 L150 208'), '#8a5238', { width: 4, depth: 2 }),
  solid(path('M128 8 C190 8 224 50 224 96 C224 138 188 156 164 182 H92 C68 156 32 138 32 96 C32 50 66 8 128 8 Z'), one, {
    depth: 34,
    on: flat(path('M128 0 C50 40 60 140 104 190 H84 C20 150 10 60 70 10 Z M128 0 C206 40 196 140 152 190 H172 C236 150 246 60 186 10 Z'), two) +
      flat(path('M128 0 C100 40 104 140 118 190 H138 C152 140 156 40 128 0 Z'), three),
  }),
  soft(oval(84, 62, 14, 26, 28), '#ffffff', 0.5, 6),
  solid(box(90, 176, 76, 12, 6), mix(one, '#3a1a50', 0.3), { depth: 5 }),
  solid(path('M100 206 H156 L150 242 Q149 248 142 248 H114 Q107 248 106 242 Z'), '#c98446', {
    depth: 9,
    on: flat(many(3, (at) => box(96, 214 + at * 11, 64, 3, 1)), '#6b3420', 0.45),
  }),
  solid(box(96, 200, 64, 11, 5), '#8a5238', { depth: 5 }),
].join('');

const spaceship = (fin, band) => () => [
  solid(path('M44 112 Q10 122 2 132 Q14 140 44 152 Z'), '#ffab2e', { depth: 8 }) + solid(path('M44 122 Q24 128 20 132 Q26 138 44 142 Z'), '#fff0a0', { depth: 4 }),
  solid(path('M66 116 L30 58 Q26 48 38 48 H62 Q74 48 84 60 L132 112 Z'), fin, { depth: 10 }),
  solid(path('M32 132 Q38 96 92 92 H170 Q228 98 252 138 Q228 172 170 174 H92 Q38 170 32 132 Z'), '#e9e4f3', {
    depth: 24,
    on: flat(path('M20 138 Q140 160 256 138 v10 Q140 172 20 150 Z'), band),
  }),
  solid(path('M136 98 Q148 68 180 70 Q216 76 228 116 Q184 124 136 98 Z'), '#46b8ff', { depth: 14, on: flat(path('M160 90 Q172 76 186 78 Q172 84 168 100 Z'), '#ffffff', 0.7) }),
  solid(path('M78 150 L36 208 Q30 218 42 218 H72 Q84 218 94 208 L148 154 Z'), fin, { depth: 12 }),
  solid(box(30, 112, 20, 44, 8), '#6a6484', { depth: 6 }),
  window(84, 124, 13) + window(116, 124, 13),
].join('');

const rover = () => {
  const wheel = (x) => solid(oval(x, 214, 30), '#4a4360', { depth: 9 }) + solid(oval(x, 214, 16), '#c9c3d8', { ball: true, depth: 5 });
  return [
    solid(path('M64 140 V74'), '#9a94ab', { width: 8, depth: 3 }) + solid(oval(66, 62, 40, 30, -40), '#ece7f5', { depth: 9 }) + solid(oval(60, 56, 28, 19, -40), '#a49dba', { depth: 6 }) + solid(oval(58, 54, 7), '#ff5a4a', { ball: true, depth: 3 }),
    solid(path('M46 208 L128 172 L212 208'), '#9a94ab', { width: 11, depth: 5 }),
    solid(box(30, 132, 196, 54, 16), '#f4f0fa', { depth: 16, on: flat(box(30, 160, 196, 8, 0), '#ff8a2b') }),
    solid(path('M96 138 V118 Q98 82 138 78 Q190 78 200 138 Z'), '#46b8ff', { depth: 14, on: flat(path('M116 126 Q118 98 142 92 Q130 104 130 128 Z'), '#ffffff', 0.6) }),
    solid(box(88, 126, 122, 14, 7), '#ff8a2b', { depth: 6 }),
    wheel(46) + wheel(128) + wheel(212),
    solid(oval(214, 152, 8), '#ffe27a', { ball: true, depth: 4 }),
  ].join('');
};

export const vehicles = {
  'pirate-ship': pirateShip('#f7ecd6', '#3a2d48'),
  'pirate-ship-black': pirateShip('#453b5c', '#f6f2fa'),
  'submarine': submarine('#ffc324', '#f0703a'),
  'submarine-blue': submarine('#3c8ff0', '#e5405a'),
  'steam-train': steamTrain('#37995a', '#d9363c'),
  'steam-train-blue': steamTrain('#3673d6', '#d9363c'),
  'hot-air-balloon': balloon('#f4423c', '#ffc62e', '#3aa0ff'),
  'hot-air-balloon-green': balloon('#37b36a', '#fff3d6', '#ff8f2e'),
  'hot-air-balloon-purple': balloon('#8a55e0', '#ff6fae', '#ffd54a'),
  'spaceship': spaceship('#e5365c', '#3f7cf0'),
  'spaceship-gold': spaceship('#ffb52e', '#8a55e0'),
  'moon-rover': rover,
};
