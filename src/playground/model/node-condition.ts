/** What we did to a node, and what became of its agent; not what the node says of itself. */
export interface NodeCondition {
  readonly agent: 'running' | 'frozen' | 'gone';
  readonly network: 'whole' | 'cut';
}
