/** Words by which a picture can be described, a phrase a comma; `{}` in a group's template stands for one of them. */
interface Words {
  /** As CLIP is asked. */
  readonly template: string;
  readonly phrases: readonly string[];
}

const list = (text: string) => text.split(/,\s*/).map((phrase) => phrase.replace(/\s+/g, ' ').trim());

export const GROUPS = ['medium', 'subject', 'place', 'light', 'colours', 'style', 'view'] as const;
export type Group = (typeof GROUPS)[number];

/** In the order in which a prompt names them. */
export const WORDS: Readonly<Record<Group, Words>> = {
  medium: {
    template: '{}',
    phrases:
      list(`a photograph, a black and white photograph, a polaroid, a film still, a screenshot, an oil painting, an acrylic painting,
      a watercolour painting, a gouache painting, an ink drawing, a pencil drawing, a charcoal drawing, a chalk drawing, a sketch, a
      woodcut, an etching, a linocut, a screen print, a poster, a comic panel, a manga page, a cartoon, an anime picture, a children's
      book illustration, a digital painting, a vector illustration, pixel art, a low poly render, a 3d render, a clay model, a marble
      sculpture, a bronze sculpture, a wood carving, a paper cutout, a collage, a mosaic, a stained glass window, an embroidery, a
      tapestry, graffiti, a mural, an icon, an emoji, a logo, a map, a diagram, a blueprint, a texture, a seamless pattern`),
  },
  subject: {
    template: 'a picture of {}',
    phrases:
      list(`a man, a woman, a child, a baby, an old man, an old woman, a couple, a family, a crowd, a portrait of a person, a face,
      hands, a dancer, a musician, a soldier, a knight, a king, a queen, a wizard, a witch, a pirate, an astronaut, a robot, an alien, a
      monster, a dragon, a unicorn, an angel, a demon, a ghost, a skeleton, a skull, a superhero, a clown, a cat, a kitten, a dog, a
      puppy, a horse, a cow, a pig, a sheep, a goat, a rabbit, a mouse, a fox, a wolf, a bear, a panda, a lion, a tiger, an elephant, a
      giraffe, a zebra, a monkey, a deer, a squirrel, a hedgehog, a bat, a bird, an owl, an eagle, a parrot, a penguin, a flamingo, a
      swan, a duck, a chicken, a fish, a shark, a whale, a dolphin, an octopus, a jellyfish, a crab, a turtle, a frog, a snake, a
      lizard, a dinosaur, a butterfly, a bee, a spider, a snail, a flower, a rose, a sunflower, a bouquet of flowers, a tree, a palm
      tree, a mushroom, a cactus, leaves, an apple, a banana, an orange, a lemon, a strawberry, cherries, grapes, a pumpkin, bread, a
      cake, a pizza, a burger, sushi, a bowl of soup, a salad, ice cream, a cup of coffee, a glass of wine, a bottle, a car, a sports
      car, a truck, a bus, a train, a tram, a bicycle, a motorcycle, a ship, a sailing boat, an aeroplane, a helicopter, a hot air
      balloon, a rocket, a spaceship, a tank, a house, a cottage, a castle, a palace, a temple, a church, a mosque, a tower, a
      lighthouse, a windmill, a bridge, a skyscraper, a ruin, a tent, a door, a window, a staircase, a chair, a table, a bed, a lamp, a
      clock, a mirror, a vase, a book, a pile of books, a key, a sword, a shield, a crown, a ring, a mask, a hat, shoes, a dress, a
      guitar, a piano, a violin, a drum, a camera, a computer, a telephone, a television, a ball, a toy, a teddy bear, a balloon, a
      candle, a lantern, a crystal, a diamond, coins, a heart, a star, the sun, the moon, a planet, a galaxy, fire, smoke, water, waves,
      a waterfall, a volcano, a rainbow, clouds, lightning, text, an abstract shape, an empty room, a landscape, a city, a still life`),
  },
  place: {
    template: 'a scene {}',
    phrases:
      list(`in a forest, in a jungle, in a meadow, in a field of flowers, in a garden, in a park, in the desert, in the snow, in the
      mountains, in a valley, in a canyon, in a cave, on a beach, by the sea, by a lake, by a river, under water, in a swamp, on an
      island, in the sky, above the clouds, in space, on another planet, in a village, in a city street, in an alley, on a market, on a
      rooftop, in a harbour, in a train station, in a factory, in a laboratory, in a library, in a museum, in a church, in a castle
      hall, in a kitchen, in a living room, in a bedroom, in a bathroom, in a workshop, in a shop, in a restaurant, in a bar, in a
      theatre, on a stage, in a stadium, on a table, on a white background, on a black background, on a plain background`),
  },
  light: {
    template: 'a picture with {}',
    phrases:
      list(`soft daylight, bright sunlight, golden evening light, a red sunset, early morning mist, fog, overcast light, moonlight, a
      starry night, candlelight, firelight, lamplight, neon lights, studio light, a single spotlight, light from behind, light through
      a window, rays of light, deep shadows, a glow, rain, falling snow, a thunderstorm, northern lights`),
  },
  colours: {
    template: 'a picture in {}',
    phrases:
      list(`red, orange, yellow, green, blue, purple, pink, brown, black, white, grey, gold, silver, turquoise, red and black, blue
      and orange, black and white, pastel colours, bright colours, muted colours, earthy colours, warm colours, cold colours, neon
      colours, sepia, autumn colours, a single colour, rainbow colours`),
  },
  style: {
    template: 'art in the style of {}',
    phrases:
      list(`realism, impressionism, expressionism, cubism, surrealism, pop art, art nouveau, art deco, baroque, the renaissance, gothic
      art, romanticism, minimalism, abstract art, psychedelic art, folk art, naive art, street art, ukiyo-e, chinese ink painting,
      byzantine icons, ancient egypt, ancient greece, medieval manuscripts, fantasy, dark fantasy, science fiction, cyberpunk,
      steampunk, solarpunk, vaporwave, horror, fairy tales, western films, film noir, fashion photography, wildlife photography, street
      photography, food photography, macro photography, architecture photography, product photography, concept art, technical drawing`),
  },
  view: {
    template: '{}',
    phrases:
      list(`a close-up, a portrait, a full-length view, a wide view, a panorama, a view from above, a view from below, a bird's eye view,
      a side view, a view from behind, a symmetrical composition, a centred composition, a blurred background, a silhouette, a
      reflection, a long exposure, a fisheye view, an isometric view`),
  },
};
