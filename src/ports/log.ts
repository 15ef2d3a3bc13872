export type LogLevel = 'error' | 'warn' | 'info' | 'debug';
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** Where lines go. One line per change; never a secret or a connection string. */
export type Log = { write(level: LogLevel, event: string, fields: LogFields): void };
