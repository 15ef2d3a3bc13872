import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deepEqual } from '../../../domain/deep-equal.ts';
import { isJsonObject, type JsonObject } from '../../../domain/json.ts';
import type { DynamicCache } from '../../../ports/dynamic-cache.ts';
import type { Log } from '../../../ports/log.ts';
import { parseJson } from '../../../wire/json.ts';
import { renderSpacedJson } from '../../../wire/rest/spaced-json.ts';
import { isAbsent, reasonOf } from '../errors.ts';
import { fileModeIn, writeFileIfDifferent } from './write-file.ts';

const NAME = 'patroni.dynamic.json';
/** A disk that is full stays so for a while. */
const TRY_AGAIN_MS = 10_000;

/** The copy in the data directory, under Patroni's name: each product reads what the other one wrote. */
export function createDynamicCache(dataDir: string, log: Log): DynamicCache & { read(): JsonObject | null } {
  const path = join(dataDir, NAME);
  let kept: JsonObject | null = null;
  let isBusy = false;
  let restsUntil = 0;

  const write = async (document: JsonObject): Promise<void> => {
    isBusy = true;
    try {
      await writeFileIfDifferent(path, renderSpacedJson(document), await fileModeIn(dataDir));
      kept = document;
    } catch (error) {
      restsUntil = performance.now() + TRY_AGAIN_MS;
      log.write('warn', 'dynamic-cache', { path, reason: reasonOf(error) });
    } finally {
      isBusy = false;
    }
  };
  return {
    keep(document) {
      if (isBusy || (kept !== null && deepEqual(kept, document)) || performance.now() < restsUntil) return;
      void write(document);
    },
    read() {
      kept = readDocument(path, log);
      return kept;
    },
  };
}

/** @returns `null`: there is none that can be read. */
function readDocument(path: string, log: Log): JsonObject | null {
  try {
    const parsed = parseJson(readFileSync(path, 'utf8'));
    if (parsed.kind === 'parsed' && isJsonObject(parsed.json)) return parsed.json;
    const reason = parsed.kind === 'invalid' ? parsed.problem : 'it is no JSON object';
    log.write('warn', 'dynamic-cache', { path, reason, then: 'it is left out' });
  } catch (error) {
    if (!isAbsent(error)) log.write('warn', 'dynamic-cache', { path, reason: reasonOf(error), then: 'it is left out' });
  }
  return null;
}
