import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ApiConfig } from '../domain/agent-config.ts';
import { answer } from './answer.ts';
import type { ApiOptions } from './api-options.ts';
import { createListener, listen, renewCertificates } from './listener.ts';
import { type Reply, send } from './reply.ts';
import { createSettings, needsNewListener, type Settings } from './settings.ts';
import { createStatusPages } from './status-page.ts';

export type Api = {
  readonly port: number;
  /**
   * Take a new configuration into force, and certificates as their files are now. What cannot be changes nothing.
   * @returns what is in force then
   */
  reload(config: ApiConfig): Promise<ApiConfig>;
  /** Stops listening and drops what is still open. */
  close(): Promise<void>;
};

/**
 * Serve the REST API.
 * @throws When the address cannot be bound or a certificate cannot be used.
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const settings = await createSettings(options.config, options);
  const api = new RunningApi(options, settings);
  await api.open(settings.config);
  return api;
}

class RunningApi implements Api {
  readonly #options: ApiOptions;
  readonly #page = createStatusPages();
  #settings: Settings;
  #server: Server | null = null;
  /** Reloads come one after the other. */
  #reloading: Promise<unknown> = Promise.resolve();
  readonly #former = new Set<Server>();

  constructor(options: ApiOptions, settings: Settings) {
    this.#options = options;
    this.#settings = settings;
  }

  get port(): number {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : this.#settings.config.port;
  }

  async open(config: ApiConfig): Promise<void> {
    const server = createListener(config, (request, response) => this.#serve(request, response));
    const failure = await listen(server, config);
    if (failure !== null) throw failure;
    server.on('error', (error) => this.#options.log.write('error', 'api-listener', { problem: error.message }));
    this.#server = server;
  }

  reload(config: ApiConfig): Promise<ApiConfig> {
    const taken = this.#reloading.then(() => this.#take(config));
    this.#reloading = taken;
    return taken;
  }

  async close(): Promise<void> {
    const servers = [...this.#former, ...(this.#server === null ? [] : [this.#server])];
    await Promise.all(servers.map(closeNow));
  }

  async #take(config: ApiConfig): Promise<ApiConfig> {
    const before = this.#settings.config;
    try {
      const settings = await createSettings(config, this.#options);
      if (this.#server === null || needsNewListener(before, config)) await this.#reopen(before, config);
      else renewCertificates(this.#server, config);
      this.#settings = settings;
    } catch (error) {
      this.#options.log.write('error', 'api-reload-refused', { problem: messageOf(error) });
    }
    return this.#settings.config;
  }

  /** Two listeners cannot share a port, so there is a short gap when it stays the same; requests under way go on. */
  async #reopen(before: ApiConfig, config: ApiConfig): Promise<void> {
    // Tried first: with a broken certificate the old listener stays as it is.
    createListener(config, () => undefined);
    this.#retire();
    try {
      await this.open(config);
    } catch (error) {
      await this.open(before);
      throw error;
    }
    this.#options.log.write('info', 'api', { listen: `${config.listenHost}:${String(config.port)}` });
  }

  #retire(): void {
    const server = this.#server;
    if (server === null) return;
    this.#former.add(server);
    server.close(() => this.#former.delete(server));
    this.#server = null;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const settings = this.#settings;
    const end = (reply: Reply): void => send(response, reply, settings.headers);
    // A client that goes away needs no answer.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    try {
      const found = answer(request, { options: this.#options, settings, page: this.#page });
      if (found instanceof Promise) found.then(end, (error: unknown) => end(this.#defect(error)));
      else end(found);
    } catch (error) {
      end(this.#defect(error));
    }
  }

  /** The log says what broke; the client learns no more than that something did. */
  #defect(error: unknown): Reply {
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.log.write('error', 'api-defect', { problem });
    return { kind: 'page', status: 500, text: 'internal error' };
  }
}

function closeNow(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
