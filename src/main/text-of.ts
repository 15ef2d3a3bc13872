import { isUtf8 } from 'node:buffer';
import type { TextRead } from '../cli/command-line.ts';

/** What is read leniently would be stored, or carried out, as something that nobody wrote. */
export function textOf(bytes: Buffer): TextRead {
  return isUtf8(bytes) ? { kind: 'read', text: bytes.toString('utf8') } : { kind: 'unusable', why: 'is no UTF-8' };
}
