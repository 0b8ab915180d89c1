// Pictures by URL: each is fetched and decoded once, the least recently drawn are forgotten.

const PICTURE_CAPACITY = 64;
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
  if (pictures.size > PICTURE_CAPACITY) pictures.delete(pictures.keys().next().value);
  return picture;
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

/** The grey levels of a ready picture, row by row, read once. */
function greyLevels(picture) {
  if (!picture.levels) {
    const { width, height } = picture;
    const pixels = picture.source.getContext("2d").getImageData(0, 0, width, height).data;
    picture.levels = Uint8Array.from({ length: width * height }, (_, index) => pixels[index * 4]);
  }
  return picture.levels;
}

/** The largest magnitude in a ready map, as a share of the scale's limit. */
function largestShare(picture, signed) {
  let lowest = 255;
  let highest = 0;
  for (const grey of greyLevels(picture)) {
    if (grey < lowest) lowest = grey;
    if (grey > highest) highest = grey;
  }
  return Math.max(greyToShare(highest, signed), -greyToShare(lowest, signed));
}

/** A canvas with the coloured map. Only the last threshold is kept. */
function colouredMap(picture, signed, threshold) {
  const key = `${signed} ${threshold}`;
  if (picture.colouredKey !== key) {
    const table = new Uint32Array(colourTable(signed, threshold).buffer);
    const { width, height } = picture;
    picture.coloured ??= document.createElement("canvas");
    picture.coloured.width = width;
    picture.coloured.height = height;
    const pixels = new ImageData(width, height);
    const target = new Uint32Array(pixels.data.buffer);
    greyLevels(picture).forEach((grey, index) => { target[index] = table[grey]; });
    picture.coloured.getContext("2d").putImageData(pixels, 0, 0);
    picture.colouredKey = key;
  }
  return picture.coloured;
}
