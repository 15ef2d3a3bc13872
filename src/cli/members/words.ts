/** Whom `--role` means (spec/ctl.md 5). */
export const roles = ['leader', 'primary', 'standby-leader', 'replica', 'standby', 'any'] as const;
export type Role = (typeof roles)[number];

/** What `flush` takes back. */
export const flushable = ['restart', 'switchover'] as const;
