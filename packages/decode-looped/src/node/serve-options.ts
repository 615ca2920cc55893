import { atLeast, defineOptions, float, int, type OptionValues, text, within } from '@jebena/options';

/** Who may use a server, and how much of it. */
export const serveOptions = defineOptions({
  host: text('127.0.0.1', 'Address to listen at; 0.0.0.0 for all'),
  port: int(2700, 'Port to listen at; 0 for any free one', within(0, 65535)),
  token: text('', 'Word that clients must know: ?token=WORD, or Authorization: Bearer WORD; empty: none'),
  origins: text('', 'Origins whose pages may connect, by comma; *: all; empty: the server itself alone'),
  maxSessions: int(100, 'Most sessions at once', atLeast(1)),
  maxMessageBytes: int(1 << 20, 'Most bytes of a message', atLeast(1)),
  maxMessageRate: float(200, 'Most messages a second; more wait in the client (0: any number)', atLeast(0)),
  maxAudioRate: float(20, 'Most seconds of audio a second; more wait in the client (0: any number)', atLeast(0)),
  maxSessionSeconds: float(3600, 'Longest session, by the clock and by its audio', atLeast(0)),
  idleSeconds: float(60, 'Longest time without a message', atLeast(0)),
  graceSeconds: float(30, 'How long a stop waits for running sessions', atLeast(0)),
});

export type ServeOptions = OptionValues<typeof serveOptions>;
