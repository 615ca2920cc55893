/** Plays samples in the range of 16-bit integers. */
export async function playSound({ samples, sampleRate }: { samples: Float32Array; sampleRate: number }): Promise<void> {
  const context = new AudioContext();
  const buffer = context.createBuffer(1, Math.max(1, samples.length), sampleRate);
  buffer.copyToChannel(
    Float32Array.from(samples, (x) => x / 32768),
    0,
  );
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(context.destination);
  source.addEventListener('ended', () => void context.close());
  source.start();
}
