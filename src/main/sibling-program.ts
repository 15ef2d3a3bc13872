/**
 * Where the heartbeat's thread or the guardian's process starts from, given `import.meta.url` of `main.ts`: the bundle
 * beside it in dist/, or its source in development. Only `main.ts` may ask: after bundling, the URL of any other file is
 * that of some chunk.
 */
export function siblingProgram(mainUrl: string, name: 'heartbeat' | 'guardian'): URL {
  return new URL(mainUrl.endsWith('.ts') ? `./${name}-entry.ts` : `./${name}.js`, mainUrl);
}
