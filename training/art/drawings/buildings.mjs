import { box, flat, many, oval, path, shade, soft, solid, tint, turn } from './kit.mjs';

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

const cottage = (wall, roof) => () => [
  solid(box(176, 34, 34, 70, 5), '#9a95ab', { depth: 9 }) + solid(oval(198, 16, 15, 11) + oval(218, 8, 10, 8), '#f1edf7', { depth: 6 }),
  solid(path('M38 236 V120 H218 V236 Z'), wall, { depth: 18, on: soft(box(20, 104, 216, 30), '#5a1d40', 0.55, 7) }),
  solid(path('M10 132 Q40 106 70 48 Q76 38 90 38 H166 Q180 38 186 48 Q216 106 246 132 Q252 144 236 142 Q128 126 20 142 Q4 144 10 132 Z'), roof, { depth: 18, on: flat(path('M0 96 Q128 76 256 96 v4 Q128 80 0 100 Z M0 70 Q128 50 256 70 v4 Q128 54 0 74 Z'), shade(roof, 0.6), 0.3) }),
  solid(path('M104 240 V188 Q104 160 128 160 Q152 160 152 188 V240 Z'), WOOD, { depth: 9 }) + solid(oval(142, 204, 4), GLASS, { ball: true, depth: 2 }),
  [54, 166].map((x) => solid(box(x, 158, 38, 38, 7), GLASS, { depth: 7 }) + flat(box(x + 17, 158, 4, 38, 1) + box(x, 175, 38, 4, 1), '#fff8ea') + solid(box(x - 5, 194, 48, 11, 5), '#e2475f', { depth: 4 })).join(''),
  solid(path('M4 248 Q8 226 40 230 H104 L96 248 Z M252 248 Q248 226 216 230 H152 L160 248 Z'), '#4fae55', { depth: 9 }) + solid(path('M104 238 H152 L168 248 H88 Z'), '#cfc8d8', { depth: 4 }),
].join('');

const stones = (colour) => flat(many(9, (row) => many(8, (at) => box(at * 40 - (row % 2) * 20 - 10, row * 26 + 8, 36, 22, 6))), colour, 0.5);

const tower = () => [
  solid(path('M76 244 L86 84 H170 L180 244 Z'), '#b9b4c8', { depth: 24, on: stones('#cdc9da') }),
  solid(path('M66 56 h24 v16 h22 v-16 h32 v16 h22 v-16 h24 v44 Q128 112 66 100 Z'), '#a9a3bc', { depth: 10 }),
  solid(path('M128 66 V8'), '#8a5238', { width: 5, depth: 2 }) + solid(path('M130 8 Q150 2 176 14 Q156 24 130 32 Z'), '#e5354a', { depth: 6 }),
  solid(path('M106 246 V212 Q106 190 128 190 Q150 190 150 212 V246 Z'), WOOD, { depth: 9 }) + solid(box(118, 122, 20, 36, 10), '#453a63', { depth: 6 }),
].join('');

const bridge = () => solid(path('M0 130 Q128 40 256 130 V206 H210 Q208 140 128 138 Q48 140 46 206 H0 Z'), '#b3adc2', { depth: 18, on: stones('#cbc6d8') }) +
  solid(path('M4 122 Q128 34 252 122'), '#948da6', { width: 16, depth: 7 });

const well = () => [
  solid(path('M62 150 V74 M194 150 V74'), WOOD, { width: 14, depth: 6 }) + solid(path('M128 96 V124'), '#e8cf9a', { width: 4, depth: 1 }),
  solid(path('M58 96 H198'), WOOD, { width: 11, depth: 5 }) + solid(path('M104 122 H152 L146 160 H110 Z'), '#8a5238', { depth: 8 }),
  solid(path('M22 80 L116 16 Q128 8 140 16 L234 80 Q240 90 228 90 H28 Q16 90 22 80 Z'), '#e2543c', { depth: 12 }),
  solid(oval(128, 152, 96, 22), '#8f89a2', { depth: 6 }) + solid(oval(128, 152, 78, 14), '#2f3f7c', { depth: 5 }) + solid(path('M110 140 H146 L143 158 Q128 166 113 158 Z'), '#8a5238', { depth: 5 }),
  solid(path('M30 156 Q128 190 226 156 V224 Q128 262 30 224 Z'), '#b3adc2', { depth: 18, on: stones('#cbc6d8') }) + solid(path('M30 156 Q128 190 226 156'), '#9d97af', { width: 13, depth: 5 }),
].join('');

const pyramid = () => solid(path('M128 34 L252 226 H4 Z'), '#f0c06a', { depth: 8, on: flat(path('M128 20 L168 240 H260 Z'), '#c98a3c', 0.75) + flat(many(8, (at) => box(0, 56 + at * 24, 256, 2, 0)), '#8a4a2a', 0.3) });

export const buildings = {
  'lighthouse': lighthouse('#f0342f', '#e02b36', [[112, 30], [170, 34]]),
  'lighthouse-blue': lighthouse('#2f86e8', '#2d6fd6', [[104, 24], [150, 26], [200, 26]]),
  'windmill': windmill('#f3e3cf', '#e0483a', '#fff3d6'),
  'windmill-brick': windmill('#c9694a', '#5b4a78', '#f6f2fa'),
  'haunted-house': hauntedHouse('#6a4f96', '#3d2f66'),
  'haunted-house-green': hauntedHouse('#5d7a6a', '#3a3550'),
  'cottage': cottage('#f6e3c8', '#c4682e'),
  'cottage-blue': cottage('#fbf5ee', '#5b6fc4'),
  'cabin': cottage('#a4693f', '#5a4a45'),
  'tower': tower,
  'stone-bridge': bridge,
  'well': well,
  'pyramid': pyramid,
  'tree-house': treeHouse('#e2443c', '#3f9e4a'),
  'tree-house-blue': treeHouse('#3f86dc', '#6fae3c'),
};
