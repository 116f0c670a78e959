import { box, flat, line, many, mix, oval, path, soft, solid } from './kit.mjs';

const GOLD = '#ffc02e';
const WOOD = '#a8683c';
const planks = (y, count, step, colour = '#5a2330') => flat(many(count, (at) => box(0, y + at * step, 256, 3, 1)), colour, 0.4);
const coin = (x, y, radius = 15) => solid(oval(x, y, radius, radius * 0.9), GOLD, { depth: 5, on: flat(oval(x, y, radius * 0.6, radius * 0.52), '#f09a1c', 0.55) });
const gem = (x, y, colour) => solid(path(`M${x - 14} ${y - 4} L${x - 7} ${y - 13} H${x + 7} L${x + 14} ${y - 4} L${x} ${y + 14} Z`), colour, { depth: 5, on: flat(path(`M${x - 7} ${y - 13} H${x + 1} L${x - 4} ${y - 4} H${x - 14} Z`), '#ffffff', 0.5) });
const bands = (y, high) => flat(box(38, y, 18, high, 0) + box(200, y, 18, high, 0), GOLD);
const lock = (y) => solid(box(108, y, 40, 44, 10), GOLD, { depth: 8 }) + flat(oval(128, y + 18, 6) + box(125, y + 18, 6, 16, 2), '#5a2330');

const openChest = () => [
  solid(path('M28 132 V88 Q28 34 80 34 H176 Q228 34 228 88 V132 Z'), WOOD, { depth: 16, on: planks(56, 4, 20) + bands(20, 120) }),
  solid(path('M44 132 V92 Q46 54 84 54 H172 Q210 54 212 92 V132 Z'), '#5a2c30', { depth: 14 }),
  soft(oval(128, 130, 84, 40), '#ffd75e', 0.8, 10),
  solid(path('M36 150 Q60 106 128 100 Q196 106 220 150 Z'), GOLD, { depth: 14 }),
  coin(70, 130) + coin(104, 116) + coin(150, 112) + coin(186, 130) + coin(128, 132, 17) + coin(90, 140) + coin(164, 140),
  gem(122, 104, '#ee3a5a') + gem(178, 114, '#3c9bff') + gem(84, 114, '#37c06f'),
  solid(path('M20 144 H236 V228 Q236 240 224 240 H32 Q20 240 20 228 Z'), WOOD, { depth: 18, on: planks(174, 3, 22) + bands(140, 104) + flat(box(0, 140, 256, 14, 0), GOLD) }),
  lock(148),
].join('');

const closedChest = () => [
  solid(path('M22 134 V112 Q22 54 78 54 H178 Q234 54 234 112 V134 Z'), '#8f4a35', { depth: 18, on: planks(78, 3, 20) + bands(40, 110) }),
  solid(path('M22 130 H234 V222 Q234 236 222 236 H34 Q22 236 22 222 Z'), '#8f4a35', { depth: 18, on: planks(166, 3, 24) + bands(126, 112) }),
  solid(box(14, 122, 228, 18, 8), GOLD, { depth: 7 }) + lock(116),
].join('');

const rubberDuck = (coat) => () => [
  solid(path('M24 152 Q14 124 26 116 Q52 140 96 138 Q110 120 160 132 Q224 140 230 180 Q230 236 136 240 Q34 240 24 152 Z'), coat, { depth: 30 }),
  soft(oval(150, 152, 54, 14), mix(coat, '#e06a10', 0.8), 0.55, 8),
  solid(oval(158, 84, 64, 62), coat, { depth: 26 }),
  soft(oval(134, 52, 22, 12, -28), '#ffffff', 0.6, 5),
  solid(path('M74 166 Q64 190 84 204 Q110 220 142 196 Q152 182 144 170 Q112 184 74 166 Z'), mix(coat, '#ffb020', 0.35), { depth: 12 }),
  solid(path('M196 86 Q232 78 246 90 Q252 100 240 104 Q250 112 236 118 Q214 124 194 110 Q186 96 196 86 Z'), '#ff7a2a', { depth: 10 }),
  line('M198 101 Q224 106 240 103', '#b8401a', 3.5, 0.8),
  flat(oval(174, 72, 9, 12), '#32203f') + flat(oval(171, 67, 3.4), '#ffffff'),
].join('');

const sword = (grip, jewel) => () => [
  solid(path('M106 172 V44 L128 8 L150 44 V172 Z'), '#dcdbea', { depth: 10, on: flat(box(128, 0, 24, 176, 0), '#9996b4', 0.6) }),
  solid(box(120, 172, 16, 58, 6), grip, { depth: 6, on: flat(many(4, (at) => box(110, 188 + at * 11, 40, 4, 0)), '#2c1430', 0.4) }),
  solid(path('M66 164 Q60 150 74 152 Q128 166 182 152 Q196 150 190 164 Q184 182 128 180 Q72 182 66 164 Z'), GOLD, { depth: 9 }),
  solid(oval(128, 238, 14), GOLD, { ball: true, depth: 6 }) + solid(oval(128, 168, 9), jewel, { ball: true, depth: 4 }),
].join('');

const campfire = () => [
  solid(path('M128 18 Q142 58 174 84 Q212 118 198 166 Q182 208 128 208 Q74 208 58 166 Q50 122 84 104 Q88 120 98 126 Q100 66 128 18 Z'), '#ff6a2a', { depth: 24 }),
  solid(path('M134 74 Q142 106 164 126 Q184 154 168 184 Q156 206 126 206 Q94 204 88 178 Q86 152 106 142 Q110 152 116 154 Q116 110 134 74 Z'), '#ffb52e', { depth: 16 }),
  solid(path('M132 130 Q152 156 150 180 Q148 204 128 204 Q108 204 108 180 Q110 154 132 130 Z'), '#fff0a0', { depth: 10 }),
  solid(path('M50 200 L206 236 M206 200 L50 236'), '#8a5038', { width: 26, depth: 10 }),
  solid(oval(48, 200, 13, 14) + oval(208, 200, 13, 14), '#e0a868', { depth: 5 }),
  solid(oval(30, 236, 20, 13) + oval(226, 236, 20, 13) + oval(92, 242, 18, 11) + oval(164, 242, 18, 11), '#9a95ab', { depth: 8 }),
].join('');

const cauldron = (brew) => () => [
  solid(path('M80 226 L66 250 M176 226 L190 250'), '#3a3350', { width: 18, depth: 7 }),
  solid(path('M38 96 Q6 196 84 236 H172 Q250 196 218 96 Z'), '#453d5e', { depth: 28 }),
  solid(oval(128, 92, 102, 32), '#5a5276', { depth: 10 }) + solid(oval(128, 90, 86, 23), mix(brew, '#10351a', 0.3), { depth: 8 }),
  solid(oval(92, 80, 24) + oval(158, 84, 19) + oval(128, 72, 17), brew, { ball: true, depth: 9 }),
  solid(oval(110, 40, 13) + oval(160, 46, 9) + oval(136, 16, 8), brew, { ball: true, depth: 6 }),
  solid(path('M52 98 Q40 190 66 196 Q84 196 78 104 Z'), brew, { depth: 9 }),
].join('');

const potion = (brew) => () => [
  solid(path('M102 60 H154 V108 Q222 130 218 186 Q212 244 128 244 Q44 244 38 186 Q34 130 102 108 Z'), '#dff1fb', {
    depth: 20,
    on: soft(box(0, 148, 256, 120, 0), brew, 1, 1) + flat(path('M20 152 Q76 138 128 152 Q180 166 236 150 V170 H20 Z'), mix(brew, '#ffffff', 0.4), 0.9) + flat(oval(92, 200, 11) + oval(154, 190, 14) + oval(126, 222, 8), '#ffffff', 0.45),
  }),
  soft(path('M62 190 Q62 146 98 128 Q84 160 78 206 Z'), '#ffffff', 0.85, 4),
  solid(box(92, 52, 72, 20, 9), '#cfe6f4', { depth: 6 }),
  solid(path('M106 54 V22 Q106 12 128 12 Q150 12 150 22 V54 Z'), '#b9774a', { depth: 9 }),
].join('');

const igloo = () => [
  solid(path('M10 226 Q8 84 122 82 Q222 84 224 226 Z'), '#eaf3fc', {
    depth: 26,
    on: flat(path('M0 140 h256 v4 h-256 Z M0 184 h256 v4 h-256 Z M70 84 v56 h4 v-56 Z M132 84 v56 h4 v-56 Z M38 142 v42 h4 v-42 Z M104 142 v42 h4 v-42 Z M166 142 v42 h4 v-42 Z M62 186 v44 h4 v-44 Z'), '#7fa9dc', 0.6),
  }),
  solid(path('M122 232 V190 Q122 132 182 132 Q246 132 246 190 V232 Z'), '#dcebfa', { depth: 16 }),
  solid(path('M146 232 V194 Q146 158 184 158 Q222 158 222 194 V232 Z'), '#33548f', { depth: 12 }),
  solid(path('M0 236 Q0 222 24 222 H232 Q256 222 256 236 Q256 244 240 244 H16 Q0 244 0 236 Z'), '#f7fbff', { depth: 9 }),
].join('');

const snowGlobe = () => [
  solid(oval(128, 108, 102, 100), '#a9dcf8', {
    depth: 22,
    on: flat(path('M0 158 Q70 132 128 150 Q190 136 256 156 V230 H0 Z'), '#f7fbff') +
      solid(box(120, 138, 14, 26, 3), '#7b4a38', { depth: 4 }) +
      solid(path('M127 46 L150 80 H142 L162 112 H152 L174 146 H80 L102 112 H92 L112 80 H104 Z'), '#3f9e5a', { depth: 10 }) +
      flat([[62, 70], [84, 110], [190, 72], [176, 108], [96, 40], [160, 38], [206, 124], [52, 128], [128, 30]].map(([x, y]) => oval(x, y, 5)).join(''), '#ffffff', 0.95),
  }),
  soft(oval(70, 66, 16, 34, 32), '#ffffff', 0.75, 5),
  solid(path('M60 192 H196 L214 232 Q216 244 204 244 H52 Q40 244 42 232 Z'), '#d8353f', { depth: 12 }),
  solid(box(52, 184, 152, 18, 9), GOLD, { depth: 7 }),
].join('');

const lampPost = () => [
  solid(path('M128 236 V92'), '#4b4468', { width: 14, depth: 6 }),
  solid(box(112, 116, 32, 12, 6) + box(114, 196, 28, 14, 6), '#4b4468', { depth: 5 }),
  solid(path('M88 246 Q90 226 114 222 H142 Q166 226 168 246 Z'), '#4b4468', { depth: 9 }),
  solid(path('M94 36 H162 L150 92 H106 Z'), '#ffdc62', { depth: 12, on: soft(oval(128, 66, 14, 20), '#fffdf0', 1, 5) }),
  flat(path('M125 36 h6 v56 h-6 Z'), '#4b4468', 0.8) + solid(path('M94 38 L106 92 M162 38 L150 92'), '#4b4468', { width: 6, depth: 2 }),
  solid(path('M82 40 Q100 12 128 10 Q156 12 174 40 Q128 46 82 40 Z'), '#4b4468', { depth: 9 }) + solid(box(98, 88, 60, 12, 6), '#4b4468', { depth: 5 }) + solid(oval(128, 8, 8), GOLD, { ball: true, depth: 3 }),
].join('');

const deskLamp = (colour) => () => [
  solid(path('M84 226 L56 138 L120 66'), '#8e88a4', { width: 12, depth: 5 }),
  solid(oval(56, 138, 13) + oval(118, 66, 12), '#5b5474', { ball: true, depth: 5 }),
  solid(oval(84, 232, 62, 16), colour, { depth: 10 }),
  solid(oval(172, 112, 20), '#fff3b0', { ball: true, depth: 5 }),
  solid(path('M106 70 Q114 36 150 42 Q206 56 210 102 Q212 114 200 114 Q166 118 140 144 Q130 152 124 142 Q100 108 106 70 Z'), colour, { depth: 16 }),
].join('');

const fence = (colour) => () => [
  solid(box(8, 120, 240, 20, 6) + box(8, 186, 240, 20, 6), mix(colour, '#6a3a5a', 0.14), { depth: 7 }),
  many(5, (at) => solid(path(`M${16 + at * 48} 240 V96 L${33 + at * 48} 70 L${50 + at * 48} 96 V240 Q${33 + at * 48} 246 ${16 + at * 48} 240 Z`), colour, { depth: 9 })),
].join('');

const toaster = (colour) => () => [
  solid(path('M66 120 V64 Q50 36 84 34 H112 Q146 36 130 64 V120 Z'), '#e8a85c', { depth: 8, on: flat(path('M76 120 V66 Q64 46 86 44 H110 Q132 46 120 66 V120 Z'), '#ffdf9e') }),
  solid(path('M122 126 V54 Q106 28 140 26 H168 Q202 28 186 54 V126 Z'), '#e8a85c', { depth: 8, on: flat(path('M132 126 V58 Q120 38 142 36 H166 Q188 38 176 58 V126 Z'), '#ffdf9e') }),
  solid(path('M20 224 V150 Q20 98 72 98 H180 Q232 98 232 150 V224 Q232 234 222 234 H30 Q20 234 20 224 Z'), colour, { depth: 26 }),
  solid(box(52, 98, 150, 14, 7), '#3a3350', { depth: 4 }),
  soft(oval(64, 134, 16, 28, 24), '#ffffff', 0.5, 6),
  solid(box(222, 134, 26, 18, 8), '#4b4468', { depth: 5 }) + solid(oval(180, 194, 17), '#ece8f4', { ball: true, depth: 6 }) + flat(box(178, 180, 5, 14, 2), '#4b4468'),
  solid(box(12, 224, 228, 20, 9), '#5b5474', { depth: 7 }),
].join('');

const sandCastle = () => {
  const SAND = '#f2c277';
  const tower = (x, top, wide) => solid(path(`M${x} 224 V${top} h${wide / 5} v14 h${wide / 5} v-14 h${wide / 5} v14 h${wide / 5} v-14 h${wide / 5} V224 Z`), SAND, { depth: 12 });
  return [
    solid(path('M128 48 V10'), '#8a5238', { width: 5, depth: 2 }) + solid(path('M130 8 L166 20 L130 32 Z'), '#ee3a4a', { depth: 5 }),
    tower(92, 46, 72) + tower(24, 104, 58) + tower(174, 104, 58),
    solid(path('M52 228 V150 h26 v14 h26 v-14 h48 v14 h26 v-14 h26 V228 Z'), '#f7cd86', { depth: 14 }),
    solid(path('M106 232 V196 Q106 174 128 174 Q150 174 150 196 V232 Z'), '#8f5a3c', { depth: 9 }),
    flat(oval(128, 92, 9, 12) + oval(53, 146, 6, 9) + oval(203, 146, 6, 9), '#8f5a3c', 0.9),
    solid(path('M6 246 Q10 222 52 224 Q128 212 204 224 Q246 222 250 246 Z'), '#eeb768', { depth: 10 }),
    solid(path('M206 238 l6 -11 6 11 12 1 -9 8 h-18 l-9 -8 Z'), '#ff7a4a', { depth: 4 }),
  ].join('');
};

const bush = (berry) => () => [
  solid(oval(62, 186, 54, 50) + oval(194, 188, 52, 48) + oval(128, 150, 74, 66) + oval(92, 204, 60, 40) + oval(166, 204, 60, 40), '#46a350', { depth: 26 }),
  solid(oval(96, 140, 38, 30) + oval(180, 178, 34, 26) + oval(70, 196, 32, 24), '#63bd5c', { depth: 14 }),
  berry ? [[110, 124], [152, 144], [74, 180], [128, 190], [188, 174], [100, 220], [164, 222], [208, 208], [40, 212]].map(([x, y]) => solid(oval(x, y, 9), berry, { ball: true, depth: 4 })).join('') : '',
].join('');

const pumpkin = (rind) => () => [
  solid(path('M120 62 Q112 30 138 18 Q150 20 148 28 Q136 40 142 64 Z'), '#6f9a3a', { depth: 7 }),
  [[58, 76], [198, 76], [92, 86], [164, 86], [128, 90]].map(([x, high]) => solid(oval(x, 150, 45, high), rind, { depth: 18 })).join(''),
].join('');

const beachBall = (...colours) => () => solid(oval(128, 128, 116), '#fbf8ff', {
  ball: true,
  depth: 30,
  on: flat(path('M104 70 C40 50 20 90 0 130 V260 C40 240 80 160 104 70 Z'), colours[0]) + flat(path('M104 70 C120 160 120 220 96 260 H240 C220 180 180 110 104 70 Z'), colours[1]) + flat(path('M104 70 C180 70 230 110 260 170 V0 H150 Z'), colours[2]) + soft(oval(84, 60, 24, 15, -30), '#ffffff', 0.8, 6),
}) + solid(oval(104, 70, 15, 13), '#fbf8ff', { depth: 4 });

const table = () => [
  solid(path('M62 120 L50 238 M194 120 L206 238'), '#8a5038', { width: 20, depth: 8 }) + solid(path('M40 128 L28 244 M216 128 L228 244'), WOOD, { width: 22, depth: 9 }),
  solid(box(24, 112, 208, 26, 5), mix(WOOD, '#5a2330', 0.3), { depth: 7 }),
  solid(path('M40 78 H216 L250 106 Q256 122 242 122 H14 Q0 122 6 106 Z'), '#c98a50', { depth: 12 }),
].join('');

export const objects = {
  'treasure-chest': openChest,
  'treasure-chest-closed': closedChest,
  'rubber-duck': rubberDuck('#ffd02e'),
  'sword': sword('#7b3f36', '#ee3a5a'),
  'sword-blue': sword('#3a4aa8', '#4cc3ff'),
  'campfire': campfire,
  'cauldron': cauldron('#62d84a'),
  'cauldron-purple': cauldron('#b45cf0'),
  'potion': potion('#e23fa8'),
  'potion-blue': potion('#3f8ff5'),
  'potion-green': potion('#3fc45a'),
  'pumpkin': pumpkin('#ff8a2b'),
  'pumpkin-pale': pumpkin('#f3c98a'),
  'beach-ball': beachBall('#ee4048', '#3c8ff0', '#ffcf35'),
  'beach-ball-green': beachBall('#37b36a', '#ff6fae', '#ff9a2f'),
  'table': table,
  'igloo': igloo,
  'snow-globe': snowGlobe,
  'lamp-post': lampPost,
  'desk-lamp': deskLamp('#ee4a4a'),
  'desk-lamp-blue': deskLamp('#3c8ff0'),
  'fence': fence('#f6f1fa'),
  'fence-wooden': fence('#c08a5a'),
  'toaster': toaster('#ef5a5a'),
  'toaster-blue': toaster('#57b3d8'),
  'sand-castle': sandCastle,
  'bush': bush(''),
  'bush-berries': bush('#ee3a4a'),
};
