import { box, flat, many, oval, path, soft, solid, tint, turn } from './kit.mjs';

const WOOD = '#8a5238';
const GLASS = '#ffd75e';

const lighthouse = (colour, roof, bands) => () => {
  const tower = path('M86 238 L101 96 Q128 88 155 96 L170 238 Q128 250 86 238 Z');
  return [
    solid(path('M34 246 Q36 216 70 220 Q92 202 128 212 Q170 200 188 220 Q222 216 224 246 Z'), '#9a93a8', { depth: 18 }),
    solid(tower, '#f6f2fa', {
      depth: 22,
      on: bands.map(([top, high]) => flat(path(`M70 ${top} q58 14 116 0 v${high} q-58 14 -116 0 Z`), colour)).join('') +
        soft(oval(128, 92, 40, 18), '#3d1752', 0.55, 6),
    }),
    solid(path('M114 246 V220 Q114 206 128 206 Q142 206 142 220 V246 Z'), '#5b3a52', { depth: 8 }),
    solid(box(119, 166, 18, 22, 9), '#453a63', { depth: 5 }) + solid(box(120, 122, 16, 18, 8), '#453a63', { depth: 5 }),
    solid(box(105, 50, 46, 42, 8), GLASS, { depth: 10, on: soft(oval(122, 68, 10, 12), '#fffdf0', 1, 4) }),
    flat(box(118, 50, 4, 42, 2) + box(134, 50, 4, 42, 2), roof, 0.85),
    solid(path('M98 54 Q104 20 128 16 Q152 20 158 54 Q128 62 98 54 Z'), roof, { depth: 14 }),
    solid(oval(128, 14, 7), roof, { ball: true, depth: 4 }),
    solid(box(90, 86, 76, 14, 7), '#4a4266', { depth: 7 }),
  ].join('');
};

const windmill = (stone, cap, sail) => () => {
  const blade = solid(box(133, 12, 26, 76, 5), sail, {
    depth: 8,
    on: flat(many(4, (at) => box(130, 28 + at * 17, 32, 3, 1)) + box(145, 8, 3, 90, 1), WOOD, 0.55),
  }) + solid(path('M128 106 V14'), WOOD, { width: 8, depth: 4 });
  return [
    solid(path('M40 246 Q46 222 84 226 Q128 214 176 226 Q212 222 216 246 Z'), '#4fae55', { depth: 14 }),
    solid(path('M78 238 L98 104 H158 L178 238 Q128 252 78 238 Z'), stone, {
      depth: 24,
      on: soft(oval(128, 104, 46, 22), '#5b2a4e', 0.5, 7),
    }),
    solid(path('M108 246 V212 Q108 192 128 192 Q148 192 148 212 V246 Z'), WOOD, { depth: 10 }),
    solid(box(116, 146, 24, 26, 12), '#3fb4ff', { depth: 6 }),
    solid(path('M90 112 Q90 66 128 62 Q166 66 166 112 Q128 124 90 112 Z'), cap, { depth: 18 }),
    ...[22, 112, 202, 292].map((at) => turn(at, 128, 100, blade)),
    solid(oval(128, 100, 13), '#6d4030', { ball: true, depth: 6 }),
  ].join('');
};

const hauntedHouse = (wall, roof) => () => {
  const lit = (x, y, w, h) =>
    soft(box(x, y, w, h, w / 2), '#ffd23c', 0.8, 5) +
    solid(path(`M${x} ${y + h} V${y + w / 2} Q${x} ${y} ${x + w / 2} ${y} Q${x + w} ${y} ${x + w} ${y + w / 2} V${y + h} Z`), '#ffc21f', { depth: 5 }) +
    flat(box(x + w / 2 - 1.5, y, 3, h, 1) + box(x, y + h * 0.5, w, 3, 1), wall);
  return [
    solid(path('M24 248 Q36 226 78 232 Q128 220 180 232 Q222 226 232 248 Z'), '#4d5a4a', { depth: 12 }),
    solid(box(166, 128, 46, 112, 3), wall, { depth: 12 }),
    solid(path('M156 134 Q178 118 190 74 Q200 118 222 134 Z'), roof, { depth: 12 }),
    solid(path('M52 242 V118 H168 V242 Z'), wall, {
      depth: 18,
      on: flat(many(8, (at) => box(48, 128 + at * 15, 124, 2, 1)), '#2a1b40', 0.22) + soft(box(44, 104, 132, 22), '#1c0f30', 0.6, 6),
    }),
    solid(path('M36 128 Q70 112 84 74 H138 Q152 112 184 128 Q110 138 36 128 Z'), roof, { depth: 14 }),
    solid(path('M88 106 V64 H134 V106 Z'), wall, { depth: 10, on: soft(box(80, 54, 64, 16), '#1c0f30', 0.6, 4) }),
    solid(path('M74 70 Q102 52 111 8 Q120 52 148 70 Q111 78 74 70 Z'), roof, { depth: 12 }),
    lit(101, 74, 20, 26) + lit(64, 148, 24, 36) + lit(132, 148, 24, 36) + lit(180, 152, 18, 30),
    solid(path('M94 244 V206 Q94 186 110 186 Q126 186 126 206 V244 Z'), '#3a2030', { depth: 8 }),
    solid(oval(119, 218, 3), '#ffc21f', { ball: true, depth: 2 }),
    solid(path('M212 78 Q206 66 198 66 Q204 60 214 66 L218 62 L222 66 Q232 60 238 66 Q230 66 224 78 Q218 74 212 78 Z'), '#3a2d55', { depth: 4 }),
  ].join('');
};

const treeHouse = (roof, leaf) => () => [
  solid(path('M104 248 Q114 190 104 130 H156 Q146 190 160 248 Q132 240 104 248 Z'), '#8a5440', { depth: 18 }),
  solid(path('M112 168 Q90 160 78 132 M146 170 Q172 160 186 130'), '#8a5440', { width: 16, depth: 7 }),
  solid(oval(62, 84, 46) + oval(198, 88, 44) + oval(128, 56, 58, 48) + oval(88, 54, 40) + oval(172, 56, 40), leaf, { depth: 26 }),
  solid(box(78, 76, 104, 78, 4), '#d58a4a', {
    depth: 14,
    on: flat(many(4, (at) => box(76, 92 + at * 16, 110, 2, 1)), '#6b2f2a', 0.35) + soft(box(70, 62, 120, 26), '#5a1d40', 0.55, 6),
  }),
  solid(path('M60 86 L124 36 Q130 32 136 36 L200 86 Q204 94 194 94 H66 Q56 94 60 86 Z'), roof, { depth: 12 }),
  solid(path('M92 154 V122 Q92 106 106 106 Q120 106 120 122 V154 Z'), '#5b3326', { depth: 7 }),
  solid(box(136, 108, 30, 26, 5), '#43b6ff', { depth: 6 }) + flat(box(149, 108, 4, 26, 1) + box(136, 119, 30, 4, 1), '#f6e3c2'),
  solid(box(58, 150, 144, 14, 6), '#9c5b34', { depth: 7 }),
  solid(path('M88 164 L80 244 M116 164 L110 244'), '#e0a05c', { width: 6, depth: 3 }),
  solid(many(5, (at) => path(`M${87 - at * 1.6} ${176 + at * 14} h26`)), '#e0a05c', { width: 5, depth: 3 }),
  solid(oval(40, 108, 26, 22) + oval(218, 112, 26, 22), tint(leaf, 0.12), { depth: 14 }),
].join('');

export const buildings = {
  'lighthouse': lighthouse('#f0342f', '#e02b36', [[112, 30], [170, 34]]),
  'lighthouse-blue': lighthouse('#2f86e8', '#2d6fd6', [[104, 24], [150, 26], [200, 26]]),
  'windmill': windmill('#f3e3cf', '#e0483a', '#fff3d6'),
  'windmill-brick': windmill('#c9694a', '#5b4a78', '#f6f2fa'),
  'haunted-house': hauntedHouse('#6a4f96', '#3d2f66'),
  'haunted-house-green': hauntedHouse('#5d7a6a', '#3a3550'),
  'tree-house': treeHouse('#e2443c', '#3f9e4a'),
  'tree-house-blue': treeHouse('#3f86dc', '#6fae3c'),
};
