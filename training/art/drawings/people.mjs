import { box, eye, flat, line, many, mix, oval, path, soft, solid } from './kit.mjs';

const SKIN = '#ffc83d';
const STEEL = '#c3c0d4';
const GOLD = '#ffc233';

/** A sword, point upwards, its grip at the origin. */
export const blade = (x, y, size = 1, angle = 0) =>
  `<g transform="translate(${x} ${y}) rotate(${angle}) scale(${size})">${[
    solid(path('M-9 -18 V-112 L0 -130 L9 -112 V-18 Z'), '#d7d6e6', { depth: 7, on: flat(box(0, -130, 12, 120, 0), '#8b88a8', 0.55) }),
    solid(box(-5, -16, 10, 34, 4), '#7b4633', { depth: 4 }),
    solid(box(-28, -22, 56, 11, 5), GOLD, { depth: 5 }),
    solid(oval(0, 21, 9), '#e8344e', { ball: true, depth: 4 }),
  ].join('')}</g>`;

const knight = (plume, shield) => () => [
  solid(path('M128 46 Q116 4 152 6 Q192 8 196 52 Q180 36 160 38 Q144 40 136 52 Z'), plume, { depth: 14 }),
  solid(path('M96 196 V230 Q96 246 80 246 H112 Q122 246 122 236 V196 Z M160 196 V230 Q160 246 176 246 H144 Q134 246 134 236 V196 Z'), '#9d9ab5', { depth: 10 }),
  solid(path('M176 142 Q200 148 204 178'), STEEL, { width: 26, depth: 10 }),
  solid(path('M80 142 Q58 150 54 176'), STEEL, { width: 26, depth: 10 }),
  solid(path('M82 132 Q128 116 174 132 Q182 172 170 214 Q128 228 86 214 Q74 172 82 132 Z'), STEEL, { depth: 18 }),
  solid(path('M96 152 H160 L168 228 Q128 240 88 228 Z'), plume, { depth: 12 }),
  solid(path('M128 172 l7 14 15 2 -11 11 3 15 -14 -7 -14 7 3 -15 -11 -11 15 -2 Z'), GOLD, { depth: 4 }),
  solid(oval(86, 138, 21, 17) + oval(170, 138, 21, 17), STEEL, { depth: 9 }),
  soft(oval(128, 136, 42, 10), '#2b1b45', 0.5, 5),
  solid(path('M76 84 Q76 30 128 30 Q180 30 180 84 V112 Q180 134 158 138 H98 Q76 134 76 112 Z'), STEEL, { depth: 22 }),
  flat(path('M82 82 Q128 68 174 82 V100 Q128 90 82 100 Z'), '#2c2140'),
  eye(108, 89, 7) + eye(148, 89, 7) + flat(oval(106, 86, 2.4) + oval(146, 86, 2.4), '#ffffff'),
  flat(many(4, (at) => box(106 + at * 13, 110, 5, 18, 2.5)), '#2c2140', 0.75),
  solid(box(123, 28, 10, 50, 5), GOLD, { depth: 4 }),
  blade(208, 184, 1.12, 8),
  solid(oval(206, 184, 14), STEEL, { ball: true, depth: 6 }),
  solid(path('M18 148 Q52 146 62 136 Q72 146 104 148 Q108 214 62 238 Q14 214 18 148 Z'), shield, {
    depth: 12,
    on: flat(box(54, 130, 16, 120, 0) + box(0, 172, 120, 16, 0), '#fff3d6'),
  }),
].join('');

const pirate = () => [
  solid(path('M46 250 Q44 186 96 172 H160 Q212 186 210 250 Z'), '#b8323c', { depth: 16, on: flat(path('M98 168 L128 250 H158 V168 Z M98 168 V250 H128 L158 168 Z'), '#f6f2fa') + flat(many(3, (at) => box(80, 188 + at * 24, 96, 10, 0)), '#3a6bd6', 0.9) + flat(path('M40 170 H100 L112 250 H40 Z M216 170 H156 L144 250 H216 Z'), '#a3293a') }),
  solid(oval(74, 122, 14, 16) + oval(182, 122, 14, 16), SKIN, { depth: 6 }) + solid(oval(188, 142, 8), GOLD, { ball: true, depth: 3 }),
  solid(oval(128, 122, 56, 60), SKIN, { depth: 20 }),
  solid(path('M78 136 Q84 150 106 146 Q128 138 150 146 Q172 150 178 136 Q184 196 128 204 Q72 196 78 136 Z'), '#5a3327', { depth: 14 }),
  solid(path('M106 158 Q128 172 150 158 Q146 180 128 180 Q110 180 106 158 Z'), '#8f1f3c', { depth: 3, on: flat(box(100, 154, 56, 10, 2), '#ffffff') }),
  solid(oval(128, 134, 10, 8), mix(SKIN, '#f08a2e', 0.5), { ball: true, depth: 4 }),
  eye(150, 119, 10),
  flat(path('M72 92 L186 100 L186 106 L72 99 Z'), '#2c2140'),
  solid(path('M90 100 Q108 96 122 106 Q122 128 106 128 Q90 126 90 100 Z'), '#2c2140', { depth: 4 }),
  hat('#3a2f52'),
].join('');

const hat = (colour) => [
  solid(path('M20 92 Q8 76 24 68 Q44 92 70 52 Q86 14 128 12 Q170 14 186 52 Q212 92 232 68 Q248 76 236 92 Q206 112 128 92 Q50 112 20 92 Z'), colour, { depth: 16 }),
  solid(path('M20 92 Q50 112 128 92 Q206 112 236 92'), GOLD, { width: 6, depth: 3 }),
  flat(oval(128, 50, 16, 14) + box(119, 58, 18, 13, 4) , '#f6f2fa') + flat(oval(121.5, 51, 4, 5) + oval(134.5, 51, 4, 5), '#2c2140') +
    solid(path('M106 74 L150 84 M150 74 L106 84'), '#f6f2fa', { width: 6, depth: 2 }),
].join('');

export const pirateHat = (colour) => () => hat(colour);

/** From head to foot, for those whom the main set shows as a bust or a head. */
const astronaut = (trim) => () => [
  solid(box(66, 112, 124, 92, 24), '#8e88a4', { depth: 12 }),
  solid(path('M106 206 V232 M150 206 V232'), '#f1edf8', { width: 38, depth: 12 }),
  solid(box(80, 228, 48, 20, 10) + box(128, 228, 48, 20, 10), trim, { depth: 7 }),
  solid(path('M84 140 Q56 156 50 188 M172 140 Q200 156 206 188'), '#f1edf8', { width: 34, depth: 12 }),
  solid(oval(48, 196, 19) + oval(208, 196, 19), trim, { depth: 8 }),
  solid(path('M82 132 Q128 114 174 132 Q184 172 176 214 Q128 228 80 214 Q72 172 82 132 Z'), '#f1edf8', { depth: 18 }),
  solid(box(104, 152, 48, 34, 8), '#b9b3cc', { depth: 6 }) + solid(oval(116, 164, 5), '#f4423c', { ball: true, depth: 2 }) + solid(oval(132, 164, 5), '#37b36a', { ball: true, depth: 2 }) + flat(box(110, 174, 36, 5, 2), '#5b5470'),
  flat(box(84, 198, 88, 8, 4), trim),
  solid(oval(128, 76, 68, 66), '#f6f3fb', { depth: 24 }),
  solid(box(54, 60, 16, 38, 8) + box(186, 60, 16, 38, 8), trim, { depth: 6 }),
  solid(path('M80 78 Q80 42 128 42 Q176 42 176 78 Q176 116 128 116 Q80 116 80 78 Z'), '#3c4fb0', { depth: 14, on: soft(oval(104, 62, 22, 10, -24), '#bfe6ff', 0.9, 3) + soft(oval(150, 104, 30, 8), '#ffb05c', 0.5, 5) }),
].join('');

const robot = (colour, glow) => () => [
  solid(path('M128 40 V16'), '#8e88a4', { width: 8, depth: 3 }) + solid(oval(128, 14, 11), '#f4423c', { ball: true, depth: 5 }),
  solid(path('M104 212 V232 M152 212 V232'), '#8e88a4', { width: 22, depth: 8 }),
  solid(box(78, 226, 46, 22, 10) + box(132, 226, 46, 22, 10), colour, { depth: 8 }),
  solid(path('M78 152 Q46 158 44 190 M178 152 Q210 158 212 190'), '#8e88a4', { width: 18, depth: 7 }),
  solid(oval(44, 198, 18) + oval(212, 198, 18), colour, { depth: 8 }),
  solid(box(76, 134, 104, 84, 22), colour, { depth: 16 }),
  solid(box(96, 154, 64, 40, 10), '#ece8f4', { depth: 6 }) + solid(path('M104 176 h12 l6 -12 10 22 8 -14 4 4 h8'), '#f4423c', { width: 4, depth: 1 }),
  solid(box(40, 68, 18, 44, 8) + box(198, 68, 18, 44, 8), '#8e88a4', { depth: 6 }),
  solid(box(54, 36, 148, 106, 34), colour, { depth: 22 }),
  solid(box(72, 54, 112, 70, 24), '#2e2a4a', { depth: 10 }),
  soft(oval(102, 84, 14) + oval(154, 84, 14), glow, 0.7, 6),
  solid(oval(102, 84, 12, 14) + oval(154, 84, 12, 14), glow, { ball: true, depth: 5 }),
  solid(path('M112 106 Q128 116 144 106'), glow, { width: 6, depth: 1 }),
].join('');

const FUR = '#f8f5fc';
const round = (x, y, size, colour) => solid(oval(x, y, size), colour, { ball: true, depth: size / 2.5 });
const boots = (colour) => solid(path('M108 214 V234 M148 214 V234'), colour, { width: 34, depth: 10 }) + solid(oval(98, 238, 28, 12) + oval(158, 238, 28, 12), colour, { depth: 8 });
const face = (skin, y) =>
  solid(oval(128, y, 44, 40), skin, { depth: 14 }) + soft(oval(98, y + 12, 10, 7) + oval(158, y + 12, 10, 7), '#ff5a6a', 0.5, 4) + eye(112, y - 2, 7) + eye(144, y - 2, 7);
const beard = (colour, y, low) =>
  solid(path(`M84 ${y} Q104 ${y - 6} 128 ${y + 4} Q152 ${y - 6} 172 ${y} Q180 ${low - 30} 128 ${low} Q76 ${low - 30} 84 ${y} Z`), colour, { depth: 14 }) +
  solid(oval(110, y + 6, 22, 10, -14) + oval(146, y + 6, 22, 10, 14), mix(colour, '#ffffff', 0.5), { depth: 6 }) +
  round(128, y - 4, 9, mix(SKIN, '#f08a2e', 0.5));

const santa = () => [
  boots('#3a3350'),
  solid(path('M82 140 Q46 150 38 180 M174 140 Q210 150 218 180'), '#e8303a', { width: 36, depth: 12 }) + round(36, 192, 18, '#3a9a54') + round(220, 192, 18, '#3a9a54'),
  solid(path('M84 128 H172 Q206 160 204 220 Q128 240 52 220 Q50 160 84 128 Z'), '#e8303a', { depth: 22, on: flat(box(40, 182, 180, 16, 0), '#3a3350') + flat(box(116, 120, 24, 120, 0), FUR) }),
  solid(box(48, 210, 160, 22, 11), FUR, { depth: 8 }) + solid(box(108, 176, 40, 28, 6), GOLD, { depth: 6 }) + flat(box(117, 183, 22, 14, 3), '#3a3350'),
  face(SKIN, 88) + beard(FUR, 106, 176),
  solid(path('M82 64 Q92 10 140 8 Q186 14 196 60 Q184 56 172 50 L174 64 Z'), '#e8303a', { depth: 14 }) + solid(box(74, 54, 108, 24, 12), FUR, { depth: 8 }) + round(194, 66, 15, FUR),
].join('');

const gnome = (cap, coat) => () => [
  boots('#7b4a38'),
  solid(path('M88 136 Q60 150 58 184 M168 136 Q196 150 198 184'), coat, { width: 30, depth: 10 }) + round(58, 192, 15, SKIN) + round(198, 192, 15, SKIN),
  solid(path('M90 130 H166 Q190 170 186 220 Q128 236 70 220 Q66 170 90 130 Z'), coat, { depth: 18, on: flat(box(60, 192, 140, 12, 0), '#5a3327') }),
  face(SKIN, 112) + beard(FUR, 132, 210),
  solid(path('M76 92 Q106 66 124 10 Q128 2 134 12 Q152 66 180 92 Q128 108 76 92 Z'), cap, { depth: 18 }),
].join('');

const witch = () => [
  solid(path('M66 74 Q50 150 74 178 H182 Q206 150 190 74 Z'), '#ff8a2b', { depth: 16 }),
  solid(path('M90 142 H166 Q214 190 216 250 H40 Q42 190 90 142 Z'), '#5b4393', { depth: 20, on: flat(path('M104 140 L128 190 L152 140 Z'), '#a56be8') }),
  solid(oval(128, 108, 52, 52), '#a4d65e', { depth: 16 }) + soft(oval(92, 124, 12, 8) + oval(164, 124, 12, 8), '#ff5a8a', 0.5, 4) + eye(108, 104, 8) + eye(148, 104, 8),
  solid(path('M104 132 Q128 142 152 132 Q146 150 128 150 Q110 150 104 132 Z'), '#7a1f4c', { depth: 2 }) + solid(path('M122 106 Q130 104 136 120 Q130 130 120 124 Z'), '#8fc24a', { depth: 4 }),
  solid(oval(128, 74, 88, 20), '#41365a', { depth: 10 }) + solid(path('M84 70 Q110 40 120 20 Q132 2 168 8 Q152 18 156 34 Q164 56 174 70 Q128 88 84 70 Z'), '#41365a', { depth: 14 }) + solid(path('M90 60 Q128 76 168 58 L174 70 Q128 88 84 70 Z'), '#a54ee8', { depth: 5 }),
].join('');

const monster = (fur, belly) => () => [
  solid(path('M78 60 Q60 44 62 18 Q82 28 98 48 Z M178 60 Q196 44 194 18 Q174 28 158 48 Z'), '#fff0cf', { depth: 8 }),
  solid(path('M62 130 Q26 140 24 178 M194 130 Q230 140 232 178'), fur, { width: 32, depth: 12 }),
  solid(path('M98 220 V236 M158 220 V236'), fur, { width: 44, depth: 12 }),
  solid(path('M128 36 Q214 40 212 148 Q212 236 128 238 Q44 236 44 148 Q42 40 128 36 Z'), fur, { depth: 28, on: flat(oval(70, 80, 9) + oval(188, 96, 11) + oval(196, 70, 6) + oval(62, 110, 6), mix(fur, '#1a1060', 0.3)) }),
  solid(oval(128, 194, 48, 38), belly, { depth: 14 }),
  solid(oval(128, 92, 36), FUR, { ball: true, depth: 10 }) + solid(oval(128, 94, 20), '#37b0f0', { ball: true, depth: 6 }) + eye(128, 94, 12),
  solid(path('M82 138 Q128 156 174 138 Q168 176 128 176 Q88 176 82 138 Z'), '#5a1745', { depth: 6 }) + flat(path('M94 142 l10 18 10 -14 Z M142 146 l10 14 10 -18 Z'), '#ffffff'),
].join('');

const gingerbread = () => {
  const icing = ['M98 82 Q128 108 158 82', 'M44 112 q6 10 0 26', 'M212 112 q-6 10 0 26', 'M68 212 q12 0 20 12', 'M188 212 q-12 0 -20 12'];
  return [
    solid(oval(128, 66, 56, 54) + path('M88 106 H168 Q226 96 232 122 Q236 150 178 154 L182 176 Q208 214 196 234 Q178 250 158 232 L128 196 L98 232 Q78 250 60 234 Q48 214 74 176 L78 154 Q20 150 24 122 Q30 96 88 106 Z'), '#c9813f', { depth: 16 }),
    line(icing.join(' '), '#ffffff', 6),
    eye(108, 58, 8) + eye(148, 58, 8) + round(128, 124, 9, '#ee3a4a') + round(128, 150, 9, '#37b36a') + round(128, 176, 9, '#3c8ff0'),
  ].join('');
};

export const people = {
  'knight': knight('#e2363f', '#3469d8'),
  'knight-blue': knight('#3a7be8', '#d5343e'),
  'pirate': pirate,
  'astronaut': astronaut('#ff8a2b'),
  'astronaut-blue': astronaut('#3c8ff0'),
  'santa': santa,
  'gnome': gnome('#e5353f', '#3c7ee0'),
  'gnome-green': gnome('#3a9f58', '#e0683a'),
  'witch': witch,
  'monster': monster('#9b6bf0', '#d9c3ff'),
  'monster-green': monster('#5cc45a', '#d8f2a8'),
  'gingerbread': gingerbread,
  'robot': robot('#5aa9f2', '#7dfbe0'),
  'robot-orange': robot('#ff9a3c', '#8be7ff'),
};
