import { join } from 'node:path';
import { errorCode } from '../errors.ts';
import { parseSettings, WRITTEN_BY_AGENT } from '../files/config-text.ts';
import { CONFIG_FILE } from '../files/configuration.ts';
import { readText } from '../files/write-file.ts';

/** The scope that the configuration says which lies here when it is first asked for; `null`: no agent has written it. */
export function foundScopeReader(configDir: string): () => Promise<string | null> {
  let found: Promise<string | null> | null = null;
  return () => (found ??= scopeIn(join(configDir, CONFIG_FILE)));
}

async function scopeIn(file: string): Promise<string | null> {
  try {
    const text = (await readText(file)) ?? '';
    return text.startsWith(WRITTEN_BY_AGENT) ? (parseSettings(text)['cluster_name'] ?? null) : null;
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return null;
  }
}
