/** What one client, or all of them together, may take from the agent. Spans in milliseconds. */
export const limits = {
  /** Connections at one time; further ones are closed at once. */
  connectionsMax: 200,
  /** Of these, such as have not said yet what they want; the oldest goes for a new one. */
  silentConnectionsMax: 100,
  /** From the connection to the last header line. */
  headersMs: 5_000,
  /** From the connection to the last byte of the request. */
  requestMs: 10_000,
  /** How often connections are checked against the two above. */
  checkEveryMs: 2_000,
  handshakeMs: 5_000,
  /** A client that does not read its reply is dropped; switchovers take their time, so this counts from the reply. */
  replyMs: 10_000,
  headerBytesMax: 16 * 1024,
  /** A dynamic configuration is some kilobytes; etcd takes 1.5 MiB for one value at most. */
  bodyBytesMax: 1024 * 1024,
  /** How long a connection is silent before the kernel asks whether the other end is still there. */
  keepAliveDelayMs: 3_000,
} as const;
