import { microphoneWorklet } from '../microphone-worklet.js';

/** Why there is no microphone. */
export type MicrophoneErrorCode =
  | 'ERR_MICROPHONE_DENIED'
  | 'ERR_MICROPHONE_NONE'
  | 'ERR_MICROPHONE_INSECURE'
  | 'ERR_MICROPHONE_BEHIND';

export class MicrophoneError extends Error {
  override readonly name = 'MicrophoneError';
  constructor(
    readonly code: MicrophoneErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface MicrophoneOptions {
  /** Seconds of sound that are given at a time. Default 0.05. */
  readonly pieceSeconds?: number | undefined;
  /** Where the worklet's script is, for pages whose security policy forbids `blob:`; see {@link microphoneWorklet}. */
  readonly workletUrl?: string | undefined;
  /** Told the loudness of each piece: the root of its mean square, from 0 to 1. */
  readonly onLevel?: ((level: number) => void) | undefined;
}

/** Seconds of sound that may wait for whoever reads, before it is an error. */
const mostWaiting = 30;

/**
 * A microphone as samples in the range of 16-bit integers, through an AudioWorklet. To be opened from a click, as
 * browsers want it.
 *
 * @example
 * ```ts
 * const microphone = await Microphone.open();
 * setTimeout(() => microphone.stop(), 5000);
 * for await (const samples of microphone.samples) use(samples, microphone.sampleRate);
 * ```
 */
export class Microphone {
  readonly sampleRate: number;
  private readonly queue: Float32Array[] = [];
  private waiting = 0;
  private running = false;
  private stopping = false;
  private ended = false;
  private failed: Error | undefined;
  private wake = (): void => undefined;

  private constructor(
    private readonly context: AudioContext,
    private readonly media: MediaStream,
    private readonly node: AudioWorkletNode,
    onLevel: MicrophoneOptions['onLevel'],
  ) {
    this.sampleRate = context.sampleRate;
    node.port.addEventListener('message', ({ data }: MessageEvent<Float32Array | null>) => {
      if (data === null) return this.end();
      let squares = 0;
      for (const value of data) squares += value * value;
      onLevel?.(Math.sqrt(squares / data.length));
      for (let i = 0; i < data.length; i++) data[i]! *= 32768;
      // Zeros until the device runs are no sound, and no model has heard the like.
      const first = this.running ? 0 : data.findIndex((value) => value !== 0);
      if (first < 0) return;
      this.running = true;
      this.take(data.subarray(first));
    });
    node.port.start();
    // The cable was pulled, or the permission taken back.
    for (const track of media.getTracks()) track.addEventListener('ended', () => this.stop());
  }

  /** @throws MicrophoneError where there is none, it may not be used, or the page did not come over https or from localhost */
  static async open({ pieceSeconds = 0.05, workletUrl, onLevel }: MicrophoneOptions = {}): Promise<Microphone> {
    const devices = (navigator as Partial<Navigator>).mediaDevices;
    if (!devices?.getUserMedia || typeof AudioWorkletNode === 'undefined')
      throw new MicrophoneError(
        'ERR_MICROPHONE_INSECURE',
        'expected a page from https or localhost, as browsers give a microphone to no other',
      );
    const media = await devices
      .getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false } })
      .catch((cause: DOMException) => {
        throw cause.name === 'NotAllowedError' || cause.name === 'SecurityError'
          ? new MicrophoneError('ERR_MICROPHONE_DENIED', 'expected to be allowed the microphone, found it denied', {
              cause,
            })
          : new MicrophoneError('ERR_MICROPHONE_NONE', `expected a microphone, found none that works (${cause.name})`, {
              cause,
            });
      });
    const context = new AudioContext();
    const url = workletUrl ?? URL.createObjectURL(new Blob([microphoneWorklet], { type: 'text/javascript' }));
    try {
      await context.audioWorklet.addModule(url);
      const node = new AudioWorkletNode(context, 'jebena-microphone', {
        numberOfOutputs: 0,
        channelCount: 1,
        channelCountMode: 'explicit',
        processorOptions: { seconds: pieceSeconds },
      });
      context.createMediaStreamSource(media).connect(node);
      await context.resume();
      return new Microphone(context, media, node, onLevel);
    } catch (error) {
      release(context, media);
      throw error;
    } finally {
      if (!workletUrl) URL.revokeObjectURL(url);
    }
  }

  /** What is heard until `stop`; read it once. To stop reading stops the microphone. */
  get samples(): AsyncIterable<Float32Array> {
    return this.read();
  }

  private async *read(): AsyncGenerator<Float32Array> {
    try {
      for (;;) {
        const piece = this.queue.shift();
        if (piece) {
          this.waiting -= piece.length;
          yield piece;
        } else if (this.failed) throw this.failed;
        else if (this.ended) return;
        else await new Promise<void>((resolve) => (this.wake = resolve));
      }
    } finally {
      this.stop();
    }
  }

  private take(piece: Float32Array): void {
    this.queue.push(piece);
    this.waiting += piece.length;
    if (this.waiting > mostWaiting * this.sampleRate) {
      this.failed = new MicrophoneError(
        'ERR_MICROPHONE_BEHIND',
        `expected samples to be read as they come, found ${mostWaiting} s of them waiting`,
      );
      this.stop();
    }
    this.wake();
  }

  /** Stops listening; `samples` ends when what was heard is read. */
  stop(): void {
    if (this.stopping) return;
    this.stopping = true;
    this.node.port.postMessage(null, []);
    // A worklet that does not run any more does not answer.
    setTimeout(() => this.end(), 500);
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.node.disconnect();
    release(this.context, this.media);
    this.wake();
  }
}

function release(context: AudioContext, media: MediaStream): void {
  for (const track of media.getTracks()) track.stop();
  if (context.state !== 'closed') void context.close();
}
