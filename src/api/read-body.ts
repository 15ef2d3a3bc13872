import type { IncomingMessage } from 'node:http';
import { limits } from './limits.ts';

/** `gone`: the client left before its last byte, so it asked for nothing. */
export type ReadBody =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too-large' | 'not-utf-8' | 'gone' };

/** The whole body, of bounded size; its time is bounded by the listener. */
export function readBody(request: IncomingMessage): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limits.bodyBytesMax) chunks.push(chunk);
      else resolve({ kind: 'too-large' });
    });
    request.on('end', () => resolve(textOf(Buffer.concat(chunks))));
    request.on('error', () => resolve({ kind: 'gone' }));
    request.on('close', () => resolve({ kind: 'gone' }));
  });
}

function textOf(bytes: Buffer): ReadBody {
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    if (error instanceof TypeError) return { kind: 'not-utf-8' };
    throw error;
  }
}
