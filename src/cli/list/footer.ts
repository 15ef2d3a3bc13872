import type { ClusterOverview } from '../../domain/cluster-overview.ts';

/** What stands below a pretty table: pause and a scheduled switchover, if any (spec/ctl.md 7). */
export function renderFooter({ paused, scheduledSwitchover: scheduled }: ClusterOverview): string {
  const lines = [
    ...(paused ? [' Maintenance mode: on'] : []),
    ...(scheduled === null ? [] : [labelled('Switchover scheduled at', scheduled.at)]),
    ...(scheduled === null || scheduled.from === null ? [] : [labelled('from', scheduled.from)]),
    ...(scheduled === null || scheduled.to === null ? [] : [labelled('to', scheduled.to)]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Labels end in one column, below the longest of them. */
function labelled(label: string, value: string): string {
  return `${label.padStart(LABEL_END)}: ${value}`;
}

const LABEL_END = ' Switchover scheduled at'.length;
