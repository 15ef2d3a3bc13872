import { describe, expect, test } from 'vitest';
import { basic, closeApis, serving } from '../../test/support/rest-api.ts';
import type { ApiConfig } from '../domain/agent-config.ts';
import { agentIdentity } from '../domain/version.ts';

closeApis();

describe('REST-57: the server says of itself', () => {
  test.each<[ApiConfig['serverTokens'], string]>([
    ['original', agentIdentity],
    ['minimal', 'Patroni/4.1.4'],
    ['product-only', 'Patroni'],
  ])('%s', async (serverTokens, name) => {
    const { ask } = await serving({ config: { serverTokens } });

    expect(await ask('GET /health')).toMatch(new RegExp(`^server: ${name}\r$`, 'im'));
  });
});

describe('configured headers', () => {
  const config = {
    extraHeaders: [
      ['X-Frame-Options', 'DENY'],
      ['Content-Type', 'text/fancy'],
    ],
  } as const;

  test('stand beside those that are always there', async () => {
    const { ask } = await serving({ config });

    for (const request of ['GET /health', 'GET /metrics', 'POST /reload']) {
      const answer = await ask(request);
      expect(answer).toMatch(/^x-frame-options: DENY\r$/im);
      expect(answer.match(/^content-type: /gim)).toHaveLength(2);
    }
  });

  test('are not on bare status lines and error pages', async () => {
    const { ask } = await serving({ config });

    for (const request of ['GET /liveness', 'OPTIONS /health', 'POST /unknown', 'PATCH /config']) {
      expect(await ask(request)).not.toMatch(/x-frame-options/i);
    }
  });

  test('are on refusals', async () => {
    const { ask } = await serving({ config: { ...config, auth: { username: 'u', password: 'p' } } });

    expect(await ask('POST /reload')).toMatch(/^x-frame-options: DENY\r$/im);
    expect(await ask(`POST /reload\n${basic('u:p')}`)).toMatch(/^x-frame-options: DENY\r$/im);
  });
});
