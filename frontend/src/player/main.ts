import { Menus } from "./choices.ts";
import { hlsEngine, nativeEngine, streamEngine, type Engine, type Events } from "./engine.ts";
import { Observer } from "./stats.ts";

const STEP = 10;
const AT_LIVE = 20;

const player = document.querySelector<HTMLElement>("[data-player]");
const media = player?.querySelector<HTMLMediaElement>("video, audio");
const controls = player?.querySelector<HTMLElement>("[data-controls]");
if (player && media && controls) void start(player, media, controls);

async function start(place: HTMLElement, media: HTMLMediaElement, controls: HTMLElement): Promise<void> {
  const said = controls.dataset;
  const again = "again" in place.dataset;
  const observer = new Observer(media, place);
  const note = place.querySelector<HTMLElement>("[data-note]");
  const menus = new Menus(controls, place.dataset["edition"] ?? "", said["sayOff"] ?? "");
  let engine: Engine | null = null;

  const say = (text: string | undefined, link = "") => {
    if (!note) return;
    note.hidden = !text;
    note.textContent = text ?? "";
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link;
      anchor.textContent = new URL(link, location.href).href;
      note.append(" ", anchor);
    }
  };
  const events: Events = {
    choices: () => engine && menus.show(engine),
    trouble: (kind, fatal, detail) => {
      observer.trouble(fatal, detail);
      if (fatal) say(kind === "media" ? said["sayMedia"] : said["sayNetwork"]);
    },
  };

  const source = place.dataset["source"] ?? "";
  const stream = place.dataset["stream"];
  if (stream) engine = streamEngine(media, stream, events);
  else engine = await hlsEngine(media, source, again, events);
  if (!engine && media.canPlayType("application/vnd.apple.mpegurl")) engine = nativeEngine(media, again, events);
  if (!engine) {
    say(said["sayUnsupported"], source);
    return;
  }
  const playing = engine;
  observer.engine = playing.name;
  observer.latency = () => playing.latency();
  menus.show(playing);
  if (media instanceof HTMLVideoElement) media.controls = false;
  // A plain stream has the browser's own controls, and nothing to seek in
  controls.hidden = playing.name === "stream";

  media.addEventListener("waiting", () => {
    if (!media.seeking) say(observer.state === "stalled" ? said["sayStalled"] : said["sayLoading"]);
  });
  media.addEventListener("playing", () => say(undefined));
  media.addEventListener("ended", () => say(said["sayEnded"]));

  const unmute = place.querySelector<HTMLButtonElement>("[data-unmute]");
  const actions: Record<string, () => void> = {
    play: () => (media.paused ? play() : media.pause()),
    back: () => {
      media.currentTime = Math.max(media.currentTime - STEP, media.seekable.length ? media.seekable.start(0) : 0);
    },
    forward: () => {
      media.currentTime += STEP;
    },
    mute: () => {
      media.muted = !media.muted;
    },
    live: () => {
      playing.toLive();
      play();
    },
    full: () => {
      const done = document.fullscreenElement ? document.exitFullscreen() : place.requestFullscreen();
      done.catch((refused: unknown) => console.info("no full screen here:", refused));
    },
    captions: () => menus.toggleCaptions(playing),
  };

  function play(): void {
    media.play().catch((refused: unknown) => {
      if (!(refused instanceof DOMException) || refused.name !== "NotAllowedError" || media.muted) return;
      // Sound needs a tap first: show the picture, and offer the sound
      media.muted = true;
      if (unmute) unmute.hidden = false;
      media.play().catch((still: unknown) => console.info("the browser waits for a tap:", still));
    });
  }

  const draw = () => {
    for (const part of controls.querySelectorAll<HTMLElement>("[data-when]")) {
      const when = part.dataset["when"];
      part.hidden = when === "paused" || when === "playing" ? media.paused !== (when === "paused") : media.muted !== (when === "muted");
    }
    const behind = playing.latency();
    controls
      .querySelector('[data-do="live"]')
      ?.setAttribute("aria-pressed", String(behind !== null && behind < AT_LIVE && !media.paused));
    if (unmute && !media.muted) unmute.hidden = true;
  };
  for (const name of ["play", "pause", "volumechange", "timeupdate"]) media.addEventListener(name, draw);
  draw();

  controls.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-do]");
    if (button) actions[button.dataset["do"] ?? ""]?.();
  });
  unmute?.addEventListener("click", () => {
    media.muted = false;
  });
  media.addEventListener("click", () => {
    if (media instanceof HTMLVideoElement) actions["play"]?.();
  });

  const keys: Record<string, string> = {
    " ": "play", k: "play", m: "mute", f: "full", c: "captions", l: "live", ArrowLeft: "back", ArrowRight: "forward",
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target as Element;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea, summary")) return;
    if (event.key === " " && target.closest("a, button")) return;
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    actions[action]?.();
  });

  if (!stream || again) play();
}
