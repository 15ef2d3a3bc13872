/** The columns of `list` in their order. Header and alignment are those of the pretty table (spec/ctl.md 7). */
export const listColumns = [
  { name: 'Group', header: 'Group', align: 'right', isOptional: false },
  { name: 'Member', header: 'Member', align: 'left', isOptional: false },
  { name: 'Host', header: 'Host', align: 'left', isOptional: false },
  { name: 'Role', header: 'Role', align: 'left', isOptional: false },
  { name: 'State', header: 'State', align: 'left', isOptional: false },
  { name: 'TL', header: 'TL', align: 'right', isOptional: false },
  { name: 'Receive LSN', header: 'Receive LSN', align: 'right', isOptional: false },
  { name: 'Receive Lag', header: 'Lag', align: 'right', isOptional: false },
  { name: 'Replay LSN', header: 'Replay LSN', align: 'right', isOptional: false },
  { name: 'Replay Lag', header: 'Lag', align: 'right', isOptional: false },
  { name: 'Pending restart', header: 'Pending restart', align: 'left', isOptional: true },
  { name: 'Pending restart reason', header: 'Pending restart reason', align: 'left', isOptional: true },
  { name: 'Scheduled restart', header: 'Scheduled restart', align: 'left', isOptional: true },
  { name: 'Tags', header: 'Tags', align: 'left', isOptional: true },
] as const;

export type ListColumn = (typeof listColumns)[number];
