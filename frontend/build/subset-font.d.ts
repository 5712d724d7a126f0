declare module "subset-font" {
  interface Options {
    targetFormat: "sfnt" | "woff" | "woff2" | "truetype";
    variationAxes?: Record<string, number | { min: number; max: number }>;
  }
  /** Cuts `font` down to the letters of `text` (HarfBuzz: shaping rules of the letters kept are kept too). */
  export default function subsetFont(font: Uint8Array, text: string, options: Options): Promise<Buffer>;
}
