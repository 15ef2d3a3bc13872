/** Something that a check of `doctor` has to say. `fine` needs nothing; an `error` needs somebody now. */
export type Finding = {
  readonly area: 'store' | 'cluster' | 'configuration';
  readonly level: 'fine' | 'note' | 'warning' | 'error';
  readonly says: string;
  /** What to do about it; `null`: nothing. */
  readonly remedy: string | null;
};
