import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { DoesNotFit, type PlantedBug, planted } from './bug.ts';

const root = join(import.meta.dirname, '../..');

/**
 * What stands against each bug: that it does not fit the sources any more, or does not compile, so that it proves
 * nothing. The edited files and those that import them are compiled. An import may be left over; anything else counts.
 * @returns only the bugs that are no good.
 */
export function unfit(bugs: readonly PlantedBug[]): ReadonlyMap<string, readonly string[]> {
  const overlay = new Map<string, string>();
  const service = ts.createLanguageService(languageHost(overlay), ts.createDocumentRegistry());
  const problems = bugs.map((bug) => [bug.name, problemsOf(bug, service, overlay)] as const);
  return new Map(problems.filter(([, found]) => found.length > 0));
}

function problemsOf(bug: PlantedBug, service: ts.LanguageService, overlay: Map<string, string>): readonly string[] {
  const files = [...new Set(bug.edits.map((each) => each.file))];
  overlay.clear();
  try {
    for (const file of files) {
      const path = join(root, file);
      const mine = bug.edits.filter((each) => each.file === file);
      overlay.set(path, planted(readFileSync(path, 'utf8'), mine));
    }
  } catch (failure) {
    if (failure instanceof DoesNotFit) return [failure.message];
    throw failure;
  }
  const paths = new Set([...overlay.keys(), ...importersOf([...overlay.keys()], service)]);
  return [...paths].flatMap((path) =>
    [...service.getSyntacticDiagnostics(path), ...service.getSemanticDiagnostics(path)].map(
      (each) => `${path}: ${ts.flattenDiagnosticMessageText(each.messageText, ' ')}`,
    ),
  );
}

function importersOf(paths: readonly string[], service: ts.LanguageService): readonly string[] {
  return paths.flatMap((path) => service.getFileReferences(path).map((each) => each.fileName));
}

function languageHost(overlay: ReadonlyMap<string, string>): ts.LanguageServiceHost {
  const configPath = join(root, 'tsconfig.json');
  const { config } = ts.readConfigFile(configPath, ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const names = fileNames.filter((name) => name.startsWith(join(root, 'src')) && !name.endsWith('.test.ts'));
  const lenient = { noUnusedLocals: false, noUnusedParameters: false, allowUnreachableCode: true };
  const textOf = (path: string): string | undefined => overlay.get(path) ?? ts.sys.readFile(path);
  return {
    readFile: ts.sys.readFile,
    fileExists: ts.sys.fileExists,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    getCurrentDirectory: () => root,
    getCompilationSettings: () => ({ ...options, ...lenient }),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    getScriptFileNames: () => names,
    // The text itself tells whether a file has changed; nothing else changes while this runs.
    getScriptVersion: (path) => overlay.get(path) ?? '',
    getScriptSnapshot: (path) => {
      const text = textOf(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
  };
}
