import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/**
 * Pack a folder so that the same files give the same bytes, whoever packs them and when: in one order, of one owner,
 * with one time (`epoch`, seconds) and modes that differ only in what is executable.
 */
export async function packFolder(options: {
  readonly parent: string;
  readonly name: string;
  readonly to: string;
  readonly epoch: number;
}): Promise<void> {
  const { parent, name, to, epoch } = options;
  const same = [
    '--format=ustar',
    '--sort=name',
    `--mtime=@${epoch}`,
    '--owner=root:0',
    '--group=root:0',
    '--numeric-owner',
    '--mode=u=rwX,go=rX',
  ];
  const tar = spawn('tar', ['-c', '-C', parent, ...same, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<string>((resolve, reject) => {
    tar.once('error', reject);
    tar.once('close', (code, signal) => resolve(signal ?? String(code)));
  });
  const [end] = await Promise.all([ended, pipeline(tar.stdout, createGzip({ level: 9 }), createWriteStream(to))]);
  if (end !== '0') throw new Error(`tar ended with ${end}`);
}
