import { isJsonObject, type Json } from '../../domain/json.ts';
import { isTruthy } from '../../domain/tags.ts';
import { textForm } from '../../domain/text-form.ts';
import { connectAddress, listenAddress, type Network } from './addresses.ts';
import {
  type Check,
  either,
  type Finding,
  failed,
  flag,
  integer,
  listOf,
  type Place,
  someMap,
  text,
  wrong,
} from './check.ts';
import { map, silent } from './map.ts';

/** What the checks may ask the machine that they run on. */
export type Machine = Network & {
  kindOf(path: string): 'missing' | 'directory' | 'other';
  /** `null`: there is no such folder. Hidden entries and `lost+found` are left out. */
  namesIn(folder: string): readonly string[] | null;
  /** `null`: it cannot be read. */
  readText(path: string): string | null;
  /** Is there such a program, in `folder` or, when that is empty, on the search path? */
  hasProgram(program: string, folder: string): boolean;
  /** The major version that `postgres --version` tells; `null`: it tells none. */
  majorVersion(program: string, folder: string): string | null;
};

/** The `postgresql` section (spec/config.md 9.9 and 11). */
export function postgresqlSection(machine: Machine, ports: 'have-to-be-free' | 'may-be-taken'): Check {
  const addresses = map(
    { kind: 'required', fields: { listen: listenAddress(machine, ports), connect_address: connectAddress } },
    { kind: 'optional', fields: { proxy_address: connectAddress } },
    { kind: 'required', fields: { authentication, data_dir: text } },
  );
  return (place) => {
    if (!isJsonObject(place.value)) return wrong(place, 'is not a dictionary');
    return [...addresses(place), ...placesOf(machine, place), ...settings(place)];
  };
}

const options = either({ list: listOf(either({ text, map: someMap })), map: someMap });
const user = map({ kind: 'required', fields: { username: text } }, { kind: 'optional', fields: { password: text } });
const authentication: Check = map(
  { kind: 'required', fields: { replication: user, superuser: user } },
  { kind: 'optional', fields: { rewind: user } },
);

const settings: Check = map({
  kind: 'optional',
  fields: {
    parameters: map({ kind: 'optional', fields: { unix_socket_directories: text } }),
    pg_hba: listOf(text, false),
    pg_ident: listOf(text, false),
    pg_ctl_timeout: integer({ min: 0 }),
    use_pg_rewind: flag,
    rewind: options,
    basebackup: options,
  },
});

/** The data directory and the programs for it are judged together. */
function placesOf(machine: Machine, place: Place): readonly Finding[] {
  const values = isJsonObject(place.value) ? place.value : {};
  const names = programNames(values['bin_name']);
  const binDir = values['bin_dir'] === undefined ? '' : textForm(values['bin_dir']);
  const at = (key: string): readonly string[] => [...place.path, key];
  const dataDir = values['data_dir'];
  return [
    ...(typeof dataDir === 'string' ? dataDirectory(machine, { path: at('data_dir'), dataDir, binDir, names }) : []),
    ...renamedPrograms(machine, { path: at('bin_name'), binDir, value: values['bin_name'] }),
    ...programFolder(machine, { path: at('bin_dir'), binDir, names }),
  ];
}

const PROGRAMS = ['pg_ctl', 'initdb', 'pg_controldata', 'pg_basebackup', 'postgres', 'pg_isready'] as const;

function programNames(section: Json | undefined): ReadonlyMap<string, string> {
  const renamed = isJsonObject(section) ? Object.entries(section) : [];
  return new Map(renamed.flatMap(([tool, name]) => (isTruthy(name) ? [[tool, textForm(name)] as const] : [])));
}

type Names = ReadonlyMap<string, string>;
type Path = readonly string[];

function dataDirectory(
  machine: Machine,
  { path, dataDir, binDir, names }: { path: Path; dataDir: string; binDir: string; names: Names },
): readonly Finding[] {
  const place = { path, value: dataDir };
  if (dataDir === '') return failed(place, 'is an empty string');
  const kind = machine.kindOf(dataDir);
  if (kind === 'missing') return [];
  if (kind === 'other') return failed(place, 'is not a directory');
  const hasControl = machine.kindOf(`${dataDir}/global/pg_control`) !== 'missing';
  if (!hasControl && (machine.namesIn(dataDir) ?? []).length === 0) return [];
  const version = machine.readText(`${dataDir}/PG_VERSION`)?.trim() ?? null;
  if (!hasControl || version === null) return failed(place, "doesn't look like a valid data directory");
  const wal = Number(version) < 10 ? 'pg_xlog' : 'pg_wal';
  if (machine.kindOf(`${dataDir}/${wal}`) !== 'directory')
    return failed(place, `data dir for the cluster is not empty, but doesn't contain "${wal}" directory`);
  const installed = machine.majorVersion(names.get('postgres') ?? 'postgres', binDir);
  if (installed === null || installed === version) return [];
  return failed(
    place,
    `data_dir directory postgresql version (${version}) doesn't match with 'postgres --version' output (${installed})`,
  );
}

function renamedPrograms(
  machine: Machine,
  { path, binDir, value }: { path: Path; binDir: string; value: Json | undefined },
): readonly Finding[] {
  if (value === undefined) return [];
  if (!isJsonObject(value)) return [{ path, shown: textForm(value), reason: 'is not a dictionary' }];
  return [...PROGRAMS, 'pg_rewind'].flatMap((tool) => {
    const name = value[tool];
    if (name === undefined) return [];
    const place = { path: [...path, tool], value: name };
    if (typeof name !== 'string') return [{ path: place.path, shown: textForm(name), reason: 'is not a string' }];
    if (name === '') return failed(place, 'is an empty string');
    return machine.hasProgram(name, binDir) ? [] : failed(place, notThere(name, binDir));
  });
}

/** pg_rewind is nobody's need who never rewinds. Programs under another name were looked for above. */
function programFolder(
  machine: Machine,
  { path, binDir, names }: { path: Path; binDir: string; names: Names },
): readonly Finding[] {
  if (binDir !== '') {
    const kind = machine.kindOf(binDir);
    if (kind === 'missing') return [silent(path, `Directory '${binDir}' does not exist.`)];
    if (kind === 'other') return [silent(path, `'${binDir}' is not a directory.`)];
  }
  return PROGRAMS.filter((tool) => !names.has(tool) && !machine.hasProgram(tool, binDir)).map((tool) =>
    silent(path, notThere(tool, binDir)),
  );
}

function notThere(program: string, folder: string): string {
  return `does not contain '${program}' in '${folder === '' ? '$PATH' : folder}'`;
}
