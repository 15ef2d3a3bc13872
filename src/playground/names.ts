/** The three nodes of every playground. */
export const nodeNames = ['node1', 'node2', 'node3'] as const;

export type NodeName = (typeof nodeNames)[number];
