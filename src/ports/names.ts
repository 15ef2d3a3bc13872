/** The addresses that a host's name stands for. Throws an `Error` in words for a name that has none, or is slow to find. */
export type LookUp = (name: string) => Promise<readonly string[]>;
