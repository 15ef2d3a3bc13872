import { describe, expect, it } from 'vitest';
import type { Json } from './json.ts';
import { shellWords, unquotedShellWord } from './shell-word.ts';
import { type Tool, toolOptions } from './tool-options.ts';

describe('options for tools (config.md 9.10)', () => {
  it.each<[string, Tool, Json | undefined, string[], number]>([
    ['none', 'initdb', undefined, [], 0],
    ['a list', 'initdb', [{ encoding: 'UTF8' }, 'data-checksums'], ['--encoding=UTF8', '--data-checksums'], 0],
    ['a map, without what is empty', 'basebackup', { checkpoint: 'fast', x: '', y: null }, ['--checkpoint=fast'], 0],
    ['quotes of one shell word', 'initdb', [{ locale: '"C UTF8"' }], ['--locale=C UTF8'], 0],
    ['CONF-56: a number', 'initdb', [{ 'wal-segsize': 64 }], [], 1],
    ['two pairs in one item', 'initdb', [{ a: 'b', c: 'd' }], [], 1],
    ['a nested list', 'initdb', [['x']], [], 1],
    ['a single value', 'initdb', 'data-checksums', [], 1],
    ['CONF-57: what the agent decides', 'basebackup', ['pgdata', 'verbose'], ['--verbose'], 1],
    ['what the agent decides, with its value', 'basebackup', ['pgdata=/x'], [], 1],
    ['initdb without fsync', 'initdb', ['nosync', { pwfile: '/x' }], [], 2],
    ['compression here', 'basebackup', [{ compress: '9' }, 'compress'], [], 2],
    ['compression by the server', 'basebackup', [{ compress: 'server-zstd' }], ['--compress=server-zstd'], 0],
    ['a rewind without its source', 'rewind', [{ 'source-server': 'x' }, 'progress'], ['--progress'], 1],
  ])('%s', (_name, tool, configured, options, problemCount) => {
    const read = toolOptions(tool, configured);
    expect(read.options).toEqual(options);
    expect(read.problems).toHaveLength(problemCount);
  });
});

describe('shell words', () => {
  it.each([
    ['"bar baz"', 'bar baz'],
    ["'bar baz'", 'bar baz'],
    ['bar baz', 'bar baz'],
    ['bar\\ baz', 'bar baz'],
    ['"a\\"b"', 'a"b'],
    ['"open', '"open'],
    ['', ''],
    [`a"b c"'d'`, 'ab cd'],
  ])('%j unquoted is %j', (text, word) => {
    expect(unquotedShellWord(text)).toBe(word);
  });

  it.each<[string, string[] | null]>([
    ['/bin/x --a "b c"', ['/bin/x', '--a', 'b c']],
    ['  ', []],
    ["''", ['']],
    ["it's", null],
  ])('%j splits into %j', (text, words) => {
    expect(shellWords(text)).toEqual(words);
  });
});
