/** The one argument of commands about a cluster, as commander's `argument` takes it. */
export const clusterArgument = ['[cluster]', 'its name; the configured scope when none is given'] as const;
