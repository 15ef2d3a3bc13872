/** A rule in words: which file answers its question, and what holds when it decides. */
export interface RuleText {
  /** The file in this folder, without its ending. */
  readonly question: string;
  readonly says: string;
}
