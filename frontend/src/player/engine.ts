/** What plays: hls.js where the browser needs it, the browser itself where it can, a plain stream for live radio. */
import type Hls from "hls.js";
import type { ErrorData } from "hls.js";

export interface Choice {
  readonly id: string;
  readonly label: string;
  readonly language: string;
}

export type Trouble = "network" | "media" | "unsupported";

export interface Events {
  /** The languages of sound or the captions became known. */
  choices(): void;
  /** Something failed; `fatal` when nothing plays until it is mended. */
  trouble(kind: Trouble, fatal: boolean, detail: string): void;
}

export interface Engine {
  readonly name: "hls.js" | "native" | "stream";
  audio(): readonly Choice[];
  captions(): readonly Choice[];
  currentAudio(): string;
  currentCaptions(): string;
  setAudio(id: string): void;
  setCaptions(id: string): void;
  /** Seconds behind the newest that can be played; null when this is not live. */
  latency(): number | null;
  toLive(): void;
}

const RESTART_MS = 2000;

/** hls.js on `media`. It mends what it can by itself: a lost connection is tried again for as long as the page is open. */
export async function hlsEngine(media: HTMLMediaElement, source: string, again: boolean, events: Events): Promise<Engine | null> {
  const { default: HlsClass, Events: E, ErrorTypes } = await import("hls.js");
  if (!HlsClass.isSupported()) return null;
  const hls: Hls = new HlsClass({
    backBufferLength: 90,
    capLevelToPlayerSize: true,
    liveSyncDurationCount: 3,
    liveDurationInfinity: !again,
    startPosition: again ? 0 : -1,
    // A channel may be encrypted; its licences are asked for beside its playlist
    emeEnabled: true,
    drmSystems: { "org.w3.clearkey": { licenseUrl: new URL("clearkey", new URL(source, location.href)).href } },
  });
  const fatalMedia = { last: 0 };
  hls.on(E.MANIFEST_PARSED, () => events.choices());
  hls.on(E.AUDIO_TRACKS_UPDATED, () => events.choices());
  hls.on(E.SUBTITLE_TRACKS_UPDATED, () => events.choices());
  hls.on(E.ERROR, (_name: string, data: ErrorData) => {
    const kind: Trouble = data.type === ErrorTypes.MEDIA_ERROR ? "media" : "network";
    // A buffer that runs dry is a stall, counted where the media element says so
    if (!data.fatal && data.details === "bufferStalledError") return;
    events.trouble(kind, data.fatal, data.details);
    if (!data.fatal) return;
    if (kind === "media" && performance.now() - fatalMedia.last > RESTART_MS * 2) {
      fatalMedia.last = performance.now();
      hls.recoverMediaError();
    } else {
      setTimeout(() => {
        hls.loadSource(source);
        hls.startLoad(again ? media.currentTime : -1);
      }, RESTART_MS);
    }
  });
  media.removeAttribute("src");
  hls.loadSource(source);
  hls.attachMedia(media);
  hls.subtitleDisplay = true;
  return {
    name: "hls.js",
    audio: () => hls.audioTracks.map((track, i) => ({ id: String(i), label: track.name, language: track.lang ?? "" })),
    captions: () =>
      hls.subtitleTracks.map((track, i) => ({ id: String(i), label: track.name, language: track.lang ?? "" })),
    currentAudio: () => String(hls.audioTrack),
    currentCaptions: () => String(hls.subtitleTrack),
    setAudio: (id) => {
      hls.audioTrack = Number(id);
    },
    setCaptions: (id) => {
      hls.subtitleTrack = Number(id);
      hls.subtitleDisplay = id !== "-1";
    },
    latency: () => (again ? null : hls.latency),
    toLive: () => {
      if (hls.liveSyncPosition !== null) media.currentTime = hls.liveSyncPosition;
    },
  };
}

/** The browser's own player, on Apple's systems above all. */
export function nativeEngine(media: HTMLMediaElement, again: boolean, events: Events): Engine {
  const texts = () => [...media.textTracks].filter((track) => track.kind === "subtitles" || track.kind === "captions");
  const edge = () => (media.seekable.length ? media.seekable.end(media.seekable.length - 1) : 0);
  media.textTracks.addEventListener("addtrack", () => events.choices());
  media.addEventListener("error", () => events.trouble("network", true, String(media.error?.code ?? "")));
  return {
    name: "native",
    audio: () => [],
    captions: () => texts().map((track, i) => ({ id: String(i), label: track.label, language: track.language })),
    currentAudio: () => "",
    currentCaptions: () => String(texts().findIndex((track) => track.mode === "showing")),
    setAudio: () => undefined,
    setCaptions: (id) => {
      texts().forEach((track, i) => {
        track.mode = String(i) === id ? "showing" : "disabled";
      });
    },
    latency: () => (again ? null : edge() - media.currentTime),
    toLive: () => {
      media.currentTime = edge();
    },
  };
}

/** One unending file of sound. Live again means asking for it anew. */
export function streamEngine(media: HTMLMediaElement, source: string, events: Events): Engine {
  const restart = () => {
    media.src = source;
    media.play().catch((refused: unknown) => console.info("the browser waits for a tap:", refused));
  };
  media.addEventListener("error", () => {
    events.trouble("network", true, String(media.error?.code ?? ""));
    setTimeout(restart, RESTART_MS);
  });
  media.addEventListener("ended", restart);
  return {
    name: "stream",
    audio: () => [],
    captions: () => [],
    currentAudio: () => "",
    currentCaptions: () => "-1",
    setAudio: () => undefined,
    setCaptions: () => undefined,
    latency: () => (media.paused ? null : 0),
    toLive: restart,
  };
}
