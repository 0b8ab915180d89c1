// Pictures by URL: each is fetched and decoded once, the least recently drawn are forgotten.

const PICTURE_CAPACITY = 64; // so many are kept, and more as long as they are small
const PIXEL_CAPACITY = 64 * 2 ** 20; // of all that are kept
const LARGEST_SIDE = 2048;
const SMALL_SIDE = 512;
const RETRY_AFTER = 5000; // ms: a poll each second must not ask for a lost layer each second

const pictures = new Map();

/**
 * The picture at `url`, now or later: {state: "loading" | "ready" | "failed", source, width, height}.
 * `settled` is called once, when a picture that was loading is ready or has failed.
 */
function findPicture(url, settled) {
  let picture = pictures.get(url);
  if (picture?.state === "failed" && performance.now() - picture.failedAt > RETRY_AFTER) picture = undefined;
  if (!picture) {
    picture = { state: "loading", listeners: new Set() };
    loadPicture(url, picture);
  }
  if (picture.state === "loading") picture.listeners.add(settled);
  pictures.delete(url); // a Map keeps the order of insertion: the first is the least recently drawn
  pictures.set(url, picture);
  forgetPictures();
  return picture;
}

/** Forgets the least recently drawn pictures of many large ones: a grid of small maps must not ask for each again. */
function forgetPictures() {
  if (pictures.size <= PICTURE_CAPACITY) return;
  let pixels = 0;
  for (const { width = 0, height = 0 } of pictures.values()) pixels += width * height;
  for (const [url, { width = 0, height = 0 }] of pictures) {
    if (pictures.size <= PICTURE_CAPACITY || pixels <= PIXEL_CAPACITY) return;
    pictures.delete(url);
    pixels -= width * height;
  }
}

async function loadPicture(url, picture) {
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    picture.source = shrink(image, image.naturalWidth, image.naturalHeight, LARGEST_SIDE);
    picture.width = picture.source.width;
    picture.height = picture.source.height;
    picture.small = shrink(picture.source, picture.width, picture.height, SMALL_SIDE);
    picture.state = "ready";
  } catch {
    picture.state = "failed";
    picture.failedAt = performance.now();
  }
  picture.listeners.forEach((listener) => listener());
  picture.listeners.clear();
}

/** A canvas with the picture, scaled down where its longer side is beyond `side`; a fitting canvas is itself. */
function shrink(image, width, height, side) {
  const factor = Math.min(1, side / Math.max(width, height));
  if (factor === 1 && image instanceof HTMLCanvasElement) return image;
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * factor));
  canvas.height = Math.max(1, Math.round(height * factor));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** The levels of a ready map, 256 red + green, row by row, read once. */
function mapLevels(picture) {
  if (!picture.levels) {
    const { width, height } = picture;
    const pixels = picture.source.getContext("2d").getImageData(0, 0, width, height).data;
    const level = (_, index) => 256 * pixels[index * 4] + pixels[index * 4 + 1];
    picture.levels = Uint16Array.from({ length: width * height }, level);
  }
  return picture.levels;
}

/** The largest size of a strength in a ready map, looked for once. */
function largestStrength(picture, signed) {
  if (!picture.range) {
    let lowest = 65535;
    let highest = 0;
    for (const level of mapLevels(picture)) {
      if (level < lowest) lowest = level;
      if (level > highest) highest = level;
    }
    picture.range = { lowest, highest };
  }
  return Math.max(levelStrength(picture.range.highest, signed), -levelStrength(picture.range.lowest, signed));
}

/**
 * A canvas with the coloured map, clear where it is weaker than `threshold`, a strength on the map's own scale. Only
 * the last one is kept. `stretch` is null, or {key, of}: `of` a strength is that on the scale whose colours it gets.
 */
function colouredMap(picture, signed, threshold, stretch) {
  const key = `${signed} ${threshold} ${stretch?.key ?? ""}`;
  if (picture.colouredKey !== key) {
    const table = new Uint32Array(colourTable(signed, stretch?.of).buffer);
    const { width, height } = picture;
    picture.coloured ??= document.createElement("canvas");
    picture.coloured.width = width;
    picture.coloured.height = height;
    const pixels = new ImageData(width, height);
    const target = new Uint32Array(pixels.data.buffer);
    mapLevels(picture).forEach((level, index) => {
      if (Math.abs(levelStrength(level, signed)) >= threshold) target[index] = table[level >> 8];
    });
    picture.coloured.getContext("2d").putImageData(pixels, 0, 0);
    picture.colouredKey = key;
  }
  return picture.coloured;
}
