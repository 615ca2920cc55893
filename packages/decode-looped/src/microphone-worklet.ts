/**
 * The script of an AudioWorklet that gathers what a microphone hears, as floats from -1 to 1, and posts a piece at a
 * time; a message ends it with what is left. A text, so that a page can load it from anywhere.
 */
export const microphoneWorklet: string = `registerProcessor('jebena-microphone', class extends AudioWorkletProcessor {
  constructor({ processorOptions: { seconds } }) {
    super();
    this.piece = new Float32Array(Math.max(128, Math.round(sampleRate * seconds)));
    this.filled = 0;
    this.ended = false;
    this.port.onmessage = () => {
      this.ended = true;
      this.post();
      this.port.postMessage(null);
    };
  }
  post() {
    if (this.filled > 0) this.port.postMessage(this.piece.slice(0, this.filled));
    this.filled = 0;
  }
  process([channels]) {
    const heard = channels[0];
    for (let at = 0; heard && at < heard.length && !this.ended; ) {
      const count = Math.min(heard.length - at, this.piece.length - this.filled);
      this.piece.set(heard.subarray(at, at + count), this.filled);
      this.filled += count;
      at += count;
      if (this.filled === this.piece.length) this.post();
    }
    return !this.ended;
  }
});
`;
