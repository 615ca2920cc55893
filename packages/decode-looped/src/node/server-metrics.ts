const counters = {
  sessions_total: 'Sessions begun',
  refused_total: 'Connections refused',
  errors_total: 'Sessions that ended in an error',
  audio_seconds_total: 'Seconds of audio heard',
  compute_seconds_total: 'Seconds spent recognising it',
} as const;

/** Counts of a server, as Prometheus reads them. */
export class ServerMetrics {
  private readonly values = new Map<keyof typeof counters, number>();

  add(name: keyof typeof counters, value: number = 1): void {
    this.values.set(name, (this.values.get(name) ?? 0) + value);
  }

  /** Prometheus' text format. */
  text(sessions: number): string {
    const metric = (name: string, kind: string, help: string, value: number): string =>
      `# HELP jebena_${name} ${help}\n# TYPE jebena_${name} ${kind}\njebena_${name} ${value}\n`;
    return (
      metric('sessions', 'gauge', 'Sessions now', sessions) +
      Object.entries(counters)
        .map(([name, help]) => metric(name, 'counter', help, this.values.get(name as keyof typeof counters) ?? 0))
        .join('')
    );
  }
}
