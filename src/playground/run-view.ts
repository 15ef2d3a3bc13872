import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadStream, WriteStream } from 'node:tty';
import { millis } from '../domain/time.ts';
import { Terminal } from '../terminal/terminal.ts';
import { connectionsTo } from './output/connections.ts';
import type { Connections } from './output/printer.ts';
import type { Action } from './script/command.ts';
import { type Session, type SessionOptions, withSession } from './session.ts';
import { keyPressed } from './view/keyboard.ts';
import { render } from './view/render.ts';
import type { Screen } from './view/screen.ts';
import type { World } from './world.ts';

/**
 * A playground in a terminal: the view, and the keyboard, until somebody quits. The terminal is restored, whatever
 * happens.
 * @throws when interrupted by a signal, or on a defect; also then nothing is left.
 */
export async function runView(world: World, request: ViewRequest): Promise<void> {
  const options = { ...request, onTold: () => {} };
  world.print('Starting one etcd and three nodes on 127.0.0.1 ...');
  await withSession(world, options, async (session) => {
    const screen = new LiveScreen(session, { world, request });
    try {
      await screen.untilLeft();
    } finally {
      screen.restore();
      world.print('Stopping everything.');
    }
    const { acknowledged, lost, longestGapMs } = session.model().probe;
    world.print(
      `Longest time without an acknowledged write: ${(longestGapMs / 1000).toFixed(2)} s ` +
        `(${acknowledged} acknowledged in all, ${lost} of them lost in failovers).`,
    );
  });
}

export type ViewRequest = Omit<SessionOptions, 'onTold'> & {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly colors: 'colored' | 'plain';
  /** How this program is called, as a user would type it. */
  readonly command: string;
  /** Whatever happens to the process, `restore` is called before it is gone. */
  readonly atExit: (restore: () => void) => void;
};

class LiveScreen {
  readonly #session: Session;
  readonly #world: World;
  readonly #terminal: Terminal;
  #screen: Screen;
  #isLeft = false;

  constructor(session: Session, { world, request }: { readonly world: World; readonly request: ViewRequest }) {
    this.#session = session;
    this.#world = world;
    const connections = linesOf(connectionsTo(session.stage, request.command), session.stage.folder);
    this.#screen = { page: 'cluster', chosen: null, connections };
    this.#terminal = new Terminal({
      ...request,
      onKey: (key) => this.#press(key),
      onResize: () => this.#draw(),
    });
    request.atExit(() => this.restore());
  }

  async untilLeft(): Promise<void> {
    while (!this.#isLeft) {
      const interruption = this.#world.interruption();
      if (interruption !== null) throw interruption;
      this.#draw();
      await this.#world.sleep(millis(DRAW_EVERY_MS));
    }
  }

  restore(): void {
    this.#terminal.restore();
  }

  #draw(): void {
    const model = { ...this.#session.model(), now: this.#world.now() };
    this.#terminal.draw(render(model, this.#screen, this.#terminal.size));
  }

  #press(key: string): void {
    const pressed = keyPressed(key, { screen: this.#screen, model: this.#session.model() });
    switch (pressed.kind) {
      case 'quit':
        this.#isLeft = true;
        return;
      case 'nothing':
        return;
      case 'screen':
        this.#screen = pressed.screen;
        break;
      case 'action':
        this.#screen = pressed.screen;
        void this.#perform(pressed.action);
        break;
    }
    this.#draw();
  }

  async #perform(action: Action): Promise<void> {
    try {
      await this.#session.director.perform(action);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#session.tell({ kind: 'refused', action: action.kind, text });
    }
  }
}

/** Often enough for a lease that runs down, seldom enough to be calm. */
const DRAW_EVERY_MS = 200;

/** The longest address does not fit into a line: it lies in a file. */
function linesOf({ nodes, primary, list }: Connections, folder: string): readonly string[] {
  const file = join(folder, 'primary');
  writeFileSync(file, `${primary}\n`, { mode: 0o644 });
  return [...nodes.map(({ name, postgres }) => `${name}    ${postgres}`), `primary  psql "$(cat ${file})"`, list];
}
