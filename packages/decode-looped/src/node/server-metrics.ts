import type { ChunkComputer } from '../chunk-computer.js';

const counters = {
  sessions_total: 'Sessions begun',
  refused_total: 'Connections refused',
  errors_total: 'Sessions that ended in an error',
  messages_total: 'Messages answered',
  answer_seconds_total: 'Seconds from each message to its answer, added up',
  audio_seconds_total: 'Seconds of audio heard',
  throttled_seconds_total: 'Seconds that clients were made to wait as they sent too much',
} as const;

const metric = (name: string, kind: string, help: string, value: number): string =>
  `# HELP jebena_${name} ${help}\n# TYPE jebena_${name} ${kind}\njebena_${name} ${value}\n`;

/** Counts of a server, as Prometheus reads them. */
export class ServerMetrics {
  private readonly values = new Map<keyof typeof counters, number>();

  add(name: keyof typeof counters, value: number = 1): void {
    this.values.set(name, (this.values.get(name) ?? 0) + value);
  }

  /** Prometheus' text format. */
  text(sessions: number, { chunks, passes }: ChunkComputer['done']): string {
    return (
      metric('sessions', 'gauge', 'Sessions now', sessions) +
      metric('resident_memory_bytes', 'gauge', 'Memory of the process', process.memoryUsage.rss()) +
      metric('chunks_total', 'counter', 'Chunks of frames that went through the network', chunks) +
      metric('passes_total', 'counter', 'Passes through the network, each of chunks that were ready at once', passes) +
      Object.entries(counters)
        .map(([name, help]) => metric(name, 'counter', help, this.values.get(name as keyof typeof counters) ?? 0))
        .join('')
    );
  }
}
