/** What the player can say of itself: for people who look into a problem, and for the tests that watch channels play. */

export interface Stats {
  engine: string;
  state: string;
  position: number;
  errors: number;
  fatalErrors: number;
  lastError: string;
  /** The buffer ran dry, or a hole was met. */
  stalls: number;
  /** Picture and sound were there, and this machine was too busy to decode them in time. */
  late: number;
  droppedFrames: number;
  totalFrames: number;
  bufferedRanges: number;
  bufferedAhead: number;
  latency: number | null;
  width: number;
}

declare global {
  interface Window {
    __keshenPlayer?: () => Stats;
  }
}

const ENOUGH_SECONDS = 1;

export class Observer {
  errors = 0;
  fatalErrors = 0;
  lastError = "";
  stalls = 0;
  late = 0;
  engine = "";
  state = "idle";
  latency: () => number | null = () => null;
  #started = false;

  constructor(
    private readonly media: HTMLMediaElement,
    private readonly place: HTMLElement,
  ) {
    media.addEventListener("playing", () => {
      this.#started = true;
      this.#turn("playing");
    });
    media.addEventListener("pause", () => this.#turn("paused"));
    media.addEventListener("ended", () => this.#turn("ended"));
    media.addEventListener("waiting", () => {
      // Waiting before the first frame, or because of a jump, is loading; waiting while playing is a stall
      if (this.#started && !media.seeking && !media.paused) {
        if (this.#ahead() >= ENOUGH_SECONDS) this.late += 1;
        else this.stalls += 1;
      }
      this.#turn(this.#started ? "stalled" : "loading");
    });
    window.__keshenPlayer = () => this.read();
    setInterval(() => this.#write(), 1000);
  }

  trouble(fatal: boolean, detail: string): void {
    this.errors += 1;
    if (fatal) this.fatalErrors += 1;
    this.lastError = detail;
    this.#write();
  }

  read(): Stats {
    const { media } = this;
    const quality = media instanceof HTMLVideoElement ? media.getVideoPlaybackQuality() : null;
    const ranges = media.buffered.length;
    return {
      engine: this.engine,
      state: this.state,
      position: media.currentTime,
      errors: this.errors,
      fatalErrors: this.fatalErrors,
      lastError: this.lastError,
      stalls: this.stalls,
      late: this.late,
      droppedFrames: quality?.droppedVideoFrames ?? 0,
      totalFrames: quality?.totalVideoFrames ?? 0,
      bufferedRanges: ranges,
      bufferedAhead: this.#ahead(),
      latency: this.latency(),
      width: media instanceof HTMLVideoElement ? media.videoWidth : 0,
    };
  }

  /** Seconds that can be played from here without a hole. */
  #ahead(): number {
    const { buffered, currentTime } = this.media;
    for (let range = 0; range < buffered.length; range += 1) {
      if (buffered.start(range) <= currentTime && currentTime <= buffered.end(range)) return buffered.end(range) - currentTime;
    }
    return 0;
  }

  #turn(state: string): void {
    this.state = state;
    this.#write();
  }

  #write(): void {
    const now = this.read();
    Object.assign(this.place.dataset, {
      engine: now.engine,
      state: now.state,
      position: now.position.toFixed(2),
      errors: String(now.errors),
      stalls: String(now.stalls),
      late: String(now.late),
      dropped: String(now.droppedFrames),
      ranges: String(now.bufferedRanges),
    });
  }
}
