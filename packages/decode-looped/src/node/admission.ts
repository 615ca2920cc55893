import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ServeOptions } from './serve-options.js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether a request knows the token; compared in constant time. */
export function knowsToken(request: IncomingMessage, token: string): boolean {
  if (token === '') return true;
  const query = new URL(request.url ?? '/', 'http://server').searchParams.get('token');
  const given = query ?? request.headers.authorization?.replace(/^Bearer /, '') ?? '';
  return timingSafeEqual(digest(given), digest(token));
}

/** Whether a page of the request's origin may connect. Programs send no origin and may. */
export function originAllowed(request: IncomingMessage, { origins }: Pick<ServeOptions, 'origins'>): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || origins === '*') return true;
  if (origins !== '') return origins.split(',').some((allowed) => allowed.trim() === origin);
  return URL.canParse(origin) && new URL(origin).host === host;
}
