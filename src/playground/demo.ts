import { readLogLine } from './log-line.ts';
import { leaderOfWhole, membersSeenBy } from './members.ts';
import { superuser } from './node-file.ts';
import { type Node, Playground } from './playground.ts';
import { until } from './until.ts';
import type { World } from './world.ts';
import { Writer } from './writer.ts';

/**
 * `matriarch demo`: a cluster of three on this machine loses its primary's whole node under write load, and gets it
 * back as a replica. Leaves nothing running and no file.
 * @throws when a step does not happen within its limit, or when interrupted; also then nothing is left.
 */
export async function runDemo(world: World, path: string): Promise<void> {
  const playground = await Playground.lay(world, path);
  let writer: Writer | null = null;
  try {
    const primary = await startCluster(world, playground);
    writer = new Writer(world, portsOf(playground.nodes));
    await untilWritten(world, writer, 50);

    const survivors = playground.nodes.filter((node) => node !== primary);
    const story = new Story(world, playground.nodes);
    world.print(`\nKilling ${primary.name}, the primary: agent, guardian and PostgreSQL, with SIGKILL.\n`);
    story.begin();
    await playground.killNode(primary);
    const successor = await story.untilWhole(survivors);
    await untilWritten(world, writer, writer.acknowledged + 50);
    story.say(`${successor} is the primary, and clients write again`);

    world.print(`\nStarting ${primary.name} again.\n`);
    playground.startNode(primary);
    await story.untilWhole(playground.nodes);
    story.say(`${primary.name} is back as a replica`);
    world.print(`\n${await playground.ask('list')}`);
    await writer.stop();
    world.print(
      `Longest time without an acknowledged write: ${(writer.longestGapMs / 1000).toFixed(2)} s ` +
        `(${writer.acknowledged} writes acknowledged in all; the lease is 5 s).`,
    );
  } finally {
    await writer?.stop();
    world.print('Stopping everything.');
    await playground.remove();
  }
}

/** @returns the primary. */
async function startCluster(world: World, playground: Playground): Promise<Node> {
  const from = world.now();
  world.print('Starting one etcd and three nodes on 127.0.0.1 ...');
  playground.startStore();
  for (const node of playground.nodes) playground.startNode(node);
  const story = new Story(world, playground.nodes);
  const leader = await untilWhole(world, playground.nodes).catch((error: unknown) => {
    story.tell(); // Nobody can look it up afterwards.
    throw error;
  });
  world.print(`Three nodes from nothing to streaming in ${((world.now() - from) / 1000).toFixed(1)} s.\n`);
  world.print(await playground.ask('list'));
  const { username, password } = superuser;
  for (const { name, postgresPort, apiPort } of playground.nodes) {
    world.print(
      `  ${name}  postgresql://${username}:${password}@127.0.0.1:${postgresPort}/postgres  http://127.0.0.1:${apiPort}/`,
    );
  }
  const hosts = portsOf(playground.nodes).map((port) => `127.0.0.1:${port}`);
  const credentials = `${username}:${password}`;
  world.print(
    `  primary, whoever it is:\n  postgresql://${credentials}@${hosts.join()}/postgres?target_session_attrs=read-write`,
  );
  const primary = playground.nodes.find(({ name }) => name === leader);
  if (primary === undefined) throw new Error(`the leader is none of ours: ${leader}`);
  return primary;
}

/** Tells what the agents say that they do, and why, with the time since the beginning. */
class Story {
  readonly #world: World;
  readonly #nodes: readonly Node[];
  #wallFrom: number;

  constructor(world: World, nodes: readonly Node[]) {
    this.#world = world;
    this.#nodes = nodes;
    this.#wallFrom = world.wallNow();
  }

  begin(): void {
    for (const { log } of this.#nodes) log.newLines(); // What was before is no part of it.
    this.#wallFrom = this.#world.wallNow();
  }

  say(text: string): void {
    this.#line(this.#world.wallNow(), '=>', text);
  }

  async untilWhole(nodes: readonly Node[]): Promise<string> {
    try {
      return await untilWhole(this.#world, nodes, () => this.tell());
    } finally {
      this.tell();
    }
  }

  /** Whatever the agents have said since the last time. */
  tell(): void {
    const said = this.#nodes
      .flatMap(({ name, log }) => log.newLines().map((line) => ({ name, line: readLogLine(line) })))
      .flatMap(({ name, line }) => (line === null ? [] : [{ name, ...line }]));
    for (const { wallAt, name, text } of said.toSorted((a, b) => a.wallAt - b.wallAt)) this.#line(wallAt, name, text);
  }

  #line(wallAt: number, who: string, text: string): void {
    const since = ((wallAt - this.#wallFrom) / 1000).toFixed(2).padStart(6);
    this.#world.print(`  ${since} s  ${who.padEnd(5)}  ${text}`);
  }
}

/** A running leader among `nodes`, and all others of them streaming. @returns the leader's name. */
function untilWhole(world: World, nodes: readonly Node[], meanwhile: () => void = () => {}): Promise<string> {
  const names = new Set(nodes.map(({ name }) => name));
  return until(world, { what: 'one leader, and the others streaming', withinMs: 90_000 }, async () => {
    meanwhile();
    const members = (await membersSeenBy(nodes))?.filter(({ name }) => names.has(name));
    return members === undefined ? null : leaderOfWhole(members, nodes.length);
  });
}

async function untilWritten(world: World, writer: Writer, count: number): Promise<void> {
  await until(world, { what: 'clients write', withinMs: 60_000 }, () =>
    Promise.resolve(writer.acknowledged >= count ? true : null),
  );
}

function portsOf(nodes: readonly Node[]): readonly number[] {
  return nodes.map(({ postgresPort }) => postgresPort);
}
