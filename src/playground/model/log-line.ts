/** What an agent said in its log, as one line for people. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly wallAt: number;
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
}
