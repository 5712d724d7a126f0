/**
 * Cuts the house's fonts out of their packages: only the letters our languages use, only the weights we set.
 * A page then loads under 120 KB of fonts for a script (`tests/site/test_fonts.py` measures it and looks for each letter).
 */
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import subsetFont from "subset-font";
import type { Plugin } from "vite";

type Range = readonly [first: number, last: number];

interface Face {
  readonly file: string;
  readonly family: string;
  readonly source: string;
  readonly ranges: readonly Range[];
}

const WEIGHTS = { min: 400, max: 700 } as const;
const NOTO = "@fontsource-variable/noto-sans/files/noto-sans-";
const PUNCTUATION: readonly Range[] = [[0x200c, 0x200f]];
// The letters of Arabic, and of Kazakh, Uyghur, Persian and Urdu in Arabic script; U+0674 is the high hamza.
const ARABIC: readonly Range[] = [
  [0x060c, 0x060c], [0x061b, 0x061b], [0x061f, 0x061f], [0x0621, 0x0652], [0x0660, 0x066c], [0x0670, 0x0671],
  [0x0674, 0x0674], [0x0679, 0x0679], [0x067e, 0x067e], [0x0686, 0x0686], [0x0688, 0x0688], [0x0691, 0x0691],
  [0x0698, 0x0698], [0x06a9, 0x06a9], [0x06ad, 0x06af], [0x06ba, 0x06ba], [0x06be, 0x06be], [0x06c0, 0x06cc],
  [0x06d0, 0x06d5], [0x06f0, 0x06f9], ...PUNCTUATION,
];

const FACES: readonly Face[] = [
  {
    file: "sans-latin", family: "Noto Sans", source: `${NOTO}latin-wght-normal.woff2`,
    ranges: [[0x0020, 0x007e], [0x00a0, 0x00ff], [0x0131, 0x0131], [0x0152, 0x0153], [0x02bb, 0x02bc],
      [0x2010, 0x203a], [0x20ac, 0x20ac], [0x2122, 0x2122], [0x2212, 0x2212]],
  },
  {
    // Turkish, Kazakh 2021 and 2004, Azeri, Turkmen; tenge, lira, rouble.
    file: "sans-latin-ext", family: "Noto Sans", source: `${NOTO}latin-ext-wght-normal.woff2`,
    ranges: [[0x0100, 0x0130], [0x0132, 0x0151], [0x0154, 0x017f], [0x018f, 0x018f], [0x01cd, 0x01d4],
      [0x0218, 0x021b], [0x0259, 0x0259], [0x20b8, 0x20ba], [0x20bd, 0x20bd]],
  },
  {
    file: "sans-cyrillic", family: "Noto Sans", source: `${NOTO}cyrillic-wght-normal.woff2`,
    ranges: [[0x0400, 0x045f], [0x0490, 0x0491], [0x04b0, 0x04b1], [0x2116, 0x2116]],
  },
  {
    file: "sans-cyrillic-ext", family: "Noto Sans", source: `${NOTO}cyrillic-ext-wght-normal.woff2`,
    ranges: [[0x0492, 0x04af], [0x04b2, 0x04ff]],
  },
  {
    file: "sans-arabic", family: "Noto Sans Arabic",
    source: "@fontsource-variable/noto-sans-arabic/files/noto-sans-arabic-arabic-wght-normal.woff2", ranges: ARABIC,
  },
  {
    file: "naskh-arabic", family: "Noto Naskh Arabic",
    source: "@fontsource-variable/noto-naskh-arabic/files/noto-naskh-arabic-arabic-wght-normal.woff2", ranges: ARABIC,
  },
];

function letters(ranges: readonly Range[]): string {
  let text = "";
  for (const [first, last] of ranges) {
    for (let code = first; code <= last; code++) text += String.fromCodePoint(code);
  }
  return text;
}

function rule(face: Face): string {
  const hex = (code: number) => code.toString(16).toUpperCase().padStart(4, "0");
  const range = face.ranges.map(([a, b]) => (a === b ? `U+${hex(a)}` : `U+${hex(a)}-${hex(b)}`)).join(",");
  return (
    `@font-face{font-family:"${face.family}";font-style:normal;font-weight:${WEIGHTS.min} ${WEIGHTS.max};` +
    `font-display:swap;src:url("./${face.file}.woff2") format("woff2");unicode-range:${range}}\n`
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}

/** Writes `<folder>/*.woff2` and `<folder>/fonts.css`, unless this very selection is there already. */
async function cutFonts(folder: string): Promise<void> {
  const require = createRequire(import.meta.url);
  const versions = await Promise.all(
    [...new Set(FACES.map((face) => face.source.split("/files/")[0]))].map(
      async (name) => JSON.parse(await readFile(require.resolve(`${name}/package.json`), "utf8")).version as string,
    ),
  );
  const stamp = `/* ${versions.join(" ")} */\n${FACES.map(rule).join("")}`;
  const sheet = join(folder, "fonts.css");
  if ((await exists(sheet)) && (await readFile(sheet, "utf8")) === stamp) return;
  await mkdir(folder, { recursive: true });
  for (const face of FACES) {
    const source = await readFile(require.resolve(face.source));
    const options = { targetFormat: "woff2" as const, variationAxes: { wght: WEIGHTS } };
    await writeFile(join(folder, `${face.file}.woff2`), await subsetFont(source, letters(face.ranges), options));
  }
  await writeFile(sheet, stamp);
}

export function fonts(folder: string): Plugin {
  return { name: "keshen-fonts", buildStart: () => cutFonts(folder) };
}
