import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vite";
import { fonts } from "./build/fonts.ts";
import { icons } from "./build/icons.ts";

const here = import.meta.dirname;

/** Every `src/<island>/main.ts` is an entry; `{% vite "site" %}` in a template loads the island of that name. */
function islands(): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const name of readdirSync(join(here, "src")).sort()) {
    const file = join(here, "src", name, "main.ts");
    if (existsSync(file)) entries[name] = file;
  }
  return entries;
}

export default defineConfig({
  root: here,
  base: "/static/build/",
  publicDir: false,
  plugins: [fonts(join(here, ".fonts")), icons(join(here, "src/icons.json"))],
  build: {
    outDir: join(here, "../src/keshen/house/static/build"),
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    target: ["chrome111", "firefox113", "safari16.4"],
    rolldownOptions: { input: islands() },
  },
});
