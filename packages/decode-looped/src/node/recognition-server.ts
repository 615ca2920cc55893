import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { resolveOptions } from '@jebena/options';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Recogniser } from '../recogniser.js';
import { VoskSession } from '../vosk-session.js';
import { knowsToken, originAllowed } from './admission.js';
import { page } from './page.js';
import { type ServeOptions, serveOptions } from './serve-options.js';
import { ServerMetrics } from './server-metrics.js';
import { Throttle } from './throttle.js';

/** Close codes of RFC 6455. */
const goingAway = 1001;
const policy = 1008;

/** Bytes of answers that may wait for a client that does not read them. */
const maxUnread = 1 << 20;

/** Seconds' worth of messages and of audio that a client may send at once. */
const [messageBurst, audioBurst] = [2, 30];

/**
 * A WebSocket server that speaks Vosk's server protocol (see {@link VoskSession}), with a page to try it from, its
 * health at `/health` and its counts at `/metrics`.
 *
 * @example
 * ```ts
 * const server = await RecognitionServer.start(recogniser, { port: 0 });
 * console.log(server.url);
 * await server.stop();
 * ```
 */
export class RecognitionServer {
  private readonly http: Server;
  private readonly sockets: WebSocketServer;
  private readonly metrics = new ServerMetrics();
  /** Sessions that run, each with what is left of it to do. */
  private readonly running = new Map<WebSocket, Promise<void>>();
  private stopping = false;
  /** Where it listens. */
  url = '';

  private constructor(
    private readonly recogniser: Recogniser,
    private readonly options: ServeOptions,
  ) {
    this.http = createServer((request, response) => this.respond(request, response));
    this.sockets = new WebSocketServer({
      noServer: true,
      maxPayload: options.maxMessageBytes,
      // Audio does not compress, and a small message may inflate to a large one.
      perMessageDeflate: false,
    });
    this.http.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
  }

  /** @throws where the address is taken */
  static async start(recogniser: Recogniser, given: Partial<ServeOptions> = {}): Promise<RecognitionServer> {
    const options = resolveOptions(serveOptions, given);
    const server = new RecognitionServer(recogniser, options);
    await new Promise<void>((resolve, reject) => {
      server.http.once('error', reject);
      server.http.listen(options.port, options.host, () => {
        server.http.off('error', reject);
        resolve();
      });
    });
    const { address, family, port } = server.http.address() as AddressInfo;
    server.url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`;
    return server;
  }

  /** Sessions now. */
  get sessions(): number {
    return this.running.size;
  }

  /** Takes no more sessions and waits for those that run; those that last too long are closed. */
  async stop(): Promise<void> {
    this.stopping = true;
    const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
    const timer = setTimeout(() => {
      for (const socket of this.running.keys()) socket.close(goingAway, 'the server stops');
      // A client that does not answer the closing is cut off.
      setTimeout(() => this.running.forEach((_, socket) => socket.terminate()), 1000).unref();
    }, this.options.graceSeconds * 1000);
    await Promise.all(this.running.values());
    clearTimeout(timer);
    this.http.closeAllConnections();
    await closed;
  }

  private respond(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', 'http://server');
    const send = (status: number, type: string, body: string): void => {
      response.writeHead(status, {
        'content-type': type,
        'x-content-type-options': 'nosniff',
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self' ws: wss:",
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    const plain = 'text/plain; charset=utf-8';
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(405, plain, 'expected GET\n');
    const shown = page[pathname];
    if (shown) return send(200, ...shown);
    if (pathname === '/health') {
      const status = this.stopping ? 'stopping' : 'ok';
      return send(this.stopping ? 503 : 200, 'application/json', JSON.stringify({ status, sessions: this.sessions }));
    }
    if (pathname === '/metrics')
      return knowsToken(request, this.options.token)
        ? send(200, 'text/plain; version=0.0.4', this.metrics.text(this.sessions, this.recogniser.computer.done))
        : send(401, plain, 'expected the token\n');
    send(404, plain, 'not found\n');
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.refusal(request);
    socket.on('error', () => socket.destroy());
    if (refusal) {
      this.metrics.add('refused_total');
      socket.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    } else this.sockets.handleUpgrade(request, socket, head, (client) => this.open(client));
  }

  private refusal(request: IncomingMessage): string | undefined {
    if (!knowsToken(request, this.options.token)) return '401 Unauthorized';
    if (!originAllowed(request, this.options)) return '403 Forbidden';
    if (this.stopping || this.sessions >= this.options.maxSessions) return '503 Service Unavailable';
    return undefined;
  }

  private open(socket: WebSocket): void {
    const { maxSessionSeconds, idleSeconds, maxMessageRate, maxAudioRate } = this.options;
    const messages = new Throttle(maxMessageRate, messageBurst * maxMessageRate);
    const audio = new Throttle(maxAudioRate, audioBurst);
    const session = new VoskSession(this.recogniser);
    this.metrics.add('sessions_total');
    let heard = 0;
    let work = Promise.resolve();
    /** Messages that have come and are not yet done. */
    let waiting = 0;
    /** Ends a wait that is under way. */
    let rested = (): void => {};
    const expire = setTimeout(() => socket.close(policy, 'the session lasted too long'), maxSessionSeconds * 1000);
    // A client that waits for its answer is not idle, however long that takes.
    const idle = setTimeout(
      () => (waiting > 0 ? idle.refresh() : socket.close(policy, 'no message for too long')),
      idleSeconds * 1000,
    );
    /** Gives the seconds that the client has to wait until it may send more. */
    const take = async (data: RawData, binary: boolean): Promise<number> => {
      if (socket.readyState !== socket.OPEN) return 0;
      const begun = performance.now();
      const { reply, ended, seconds } = await session.take(binary ? (data as Buffer) : String(data));
      this.metrics.add('messages_total');
      this.metrics.add('answer_seconds_total', (performance.now() - begun) / 1000);
      this.metrics.add('audio_seconds_total', seconds);
      heard += seconds;
      if (reply !== undefined) socket.send(reply);
      if (ended) socket.close(1000);
      else if (heard > maxSessionSeconds) socket.close(policy, 'the session lasted too long');
      else if (socket.bufferedAmount > maxUnread) socket.close(policy, 'answers were not read');
      const now = performance.now() / 1000;
      return Math.max(messages.take(1, now), audio.take(seconds, now));
    };
    socket.on('message', (data, binary) => {
      idle.refresh();
      // Reads no further until this is done, so that a flood waits in the client.
      socket.pause();
      waiting++;
      work = work
        .then(async () => {
          const wait = await take(data, binary);
          if (wait < 0.001) return;
          this.metrics.add('throttled_seconds_total', wait);
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, wait * 1000);
            rested = (): void => (clearTimeout(timer), resolve());
          });
        })
        .catch((error: Error) => {
          this.metrics.add('errors_total');
          // A reason may have 123 bytes.
          socket.close(policy, error.message.replace(/[^ -~]/g, '?').slice(0, 120));
        })
        .finally(() => {
          if (--waiting > 0) return;
          idle.refresh();
          socket.resume();
        });
    });
    // What is wrong with a frame (too large, torn) closes the socket; that is told by its close code.
    socket.on('error', () => this.metrics.add('errors_total'));
    const done = new Promise<void>((resolve) => socket.once('close', () => resolve()))
      .then(() => (rested(), work))
      .then(() => {
        clearTimeout(expire);
        clearTimeout(idle);
        session.dispose();
        this.running.delete(socket);
      });
    this.running.set(socket, done);
  }
}
