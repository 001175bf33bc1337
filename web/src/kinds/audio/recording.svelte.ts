/** Where a recording stands. `refused`: the person, or the page around, has said no; `absent`: nothing to record with. */
export type Stage = 'idle' | 'asking' | 'recording' | 'paused' | 'done' | 'refused' | 'absent';

/** What browsers record in, the best first, and the extension of each. */
const FORMATS = [
  ['audio/webm;codecs=opus', 'weba'],
  ['audio/mp4', 'm4a'],
  ['audio/ogg;codecs=opus', 'ogg'],
] as const;

/** Pieces so long, in milliseconds: a recorder that dies leaves what it had. */
const PIECE_MS = 1_000;

/** A sound recorded in the browser. */
export class Recording {
  #stage = $state<Stage>('idle');
  /** Seconds. */
  #elapsed = $state(0);
  /** From 0 to 1. */
  #level = $state(0);
  #file = $state.raw<File>();
  #url = $state<string>();
  #recorder: MediaRecorder | undefined;
  #stream: MediaStream | undefined;
  #sound: AudioContext | undefined;
  #analyser: AnalyserNode | undefined;
  #frame = 0;
  #before = 0;
  #since = 0;
  #pieces: Blob[] = [];
  #stopped = false;

  constructor() {
    if (!navigator.mediaDevices?.getUserMedia || typeof MediaRecorder === 'undefined') {
      this.#stage = 'absent';
    }
  }

  get stage(): Stage {
    return this.#stage;
  }

  get elapsed(): number {
    return this.#elapsed;
  }

  get level(): number {
    return this.#level;
  }

  get file(): File | undefined {
    return this.#file;
  }

  /** Where to listen to it again. */
  get url(): string | undefined {
    return this.#url;
  }

  /** Asks for the microphone and begins; `name` is the file's, without its extension. */
  async start(name: string): Promise<void> {
    this.discard();
    this.#stage = 'asking';
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      this.#stream = stream;
      if (this.#stopped) return this.#release();
      this.#record(stream, name);
    } catch (error) {
      this.#release();
      const missing = error instanceof DOMException && error.name === 'NotFoundError';
      this.#stage = missing ? 'absent' : 'refused';
    }
  }

  pause(): void {
    if (this.#stage !== 'recording') return;
    this.#recorder?.pause();
    this.#before = this.#elapsed;
    this.#stage = 'paused';
  }

  resume(): void {
    if (this.#stage !== 'paused') return;
    this.#recorder?.resume();
    this.#since = performance.now();
    this.#stage = 'recording';
    this.#watch();
  }

  /** Ends it: it can be listened to then. */
  finish(): void {
    if (this.#recorder?.state !== 'inactive') this.#recorder?.stop();
  }

  /** Throws it away, to begin again. */
  discard(): void {
    const recorder = this.#recorder;
    this.#recorder = undefined;
    if (recorder && recorder.state !== 'inactive') recorder.stop();
    this.#release();
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = undefined;
    this.#file = undefined;
    this.#pieces = [];
    this.#elapsed = 0;
    this.#before = 0;
    if (this.#stage !== 'absent') this.#stage = 'idle';
  }

  /** Lets go of the microphone for good. */
  stop(): void {
    this.#stopped = true;
    this.discard();
  }

  #record(stream: MediaStream, name: string): void {
    const [type, extension] =
      FORMATS.find(([one]) => MediaRecorder.isTypeSupported(one)) ?? FORMATS[0];
    const recorder = new MediaRecorder(stream, { mimeType: type });
    this.#recorder = recorder;
    recorder.ondataavailable = ({ data }) => {
      if (recorder === this.#recorder && data.size > 0) this.#pieces.push(data);
    };
    recorder.onstop = () => {
      if (recorder !== this.#recorder) return;
      this.#release();
      const [plain = type] = type.split(';');
      this.#file = new File(this.#pieces, `${name}.${extension}`, { type: plain });
      this.#url = URL.createObjectURL(this.#file);
      this.#stage = 'done';
    };
    // A microphone that is unplugged ends the recording; what there is of it is kept.
    for (const track of stream.getTracks()) track.onended = () => this.finish();
    recorder.start(PIECE_MS);
    this.#since = performance.now();
    this.#stage = 'recording';
    this.#sound = new AudioContext();
    const analyser = this.#sound.createAnalyser();
    analyser.fftSize = 1024;
    this.#sound.createMediaStreamSource(stream).connect(analyser);
    this.#analyser = analyser;
    this.#watch();
  }

  #watch(): void {
    const wave = new Float32Array(1024);
    const look = () => {
      if (this.#stage !== 'recording') return;
      this.#elapsed = this.#before + (performance.now() - this.#since) / 1_000;
      this.#analyser?.getFloatTimeDomainData(wave);
      const power = wave.reduce((sum, one) => sum + one * one, 0) / wave.length;
      // As loud as it is heard: by decibels, from a whisper on.
      const decibels = 10 * Math.log10(power + 1e-9);
      this.#level = Math.max(0, Math.min(1, (decibels + 60) / 50));
      this.#frame = requestAnimationFrame(look);
    };
    cancelAnimationFrame(this.#frame);
    look();
  }

  #release(): void {
    cancelAnimationFrame(this.#frame);
    for (const track of this.#stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.#stream = undefined;
    void this.#sound?.close();
    this.#sound = undefined;
    this.#analyser = undefined;
    this.#level = 0;
  }
}
