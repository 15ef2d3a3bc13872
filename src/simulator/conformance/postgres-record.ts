import type { PostgresReport } from '../../domain/postgres-report.ts';
import type { PostgresTask, TaskOutcome } from '../../domain/task.ts';
import type { Instant } from '../../domain/time.ts';
import type { RecordedMember } from './recorded-member.ts';

/** What one agent did to its PostgreSQL and what it was shown of it, in order; a new life begins with `agent-started`. */
export type PostgresStep =
  | { readonly kind: 'agent-started' }
  | { readonly kind: 'report'; readonly report: PostgresReport }
  | { readonly kind: 'task-began'; readonly at: Instant; readonly task: PostgresTask }
  | { readonly kind: 'task-ended'; readonly at: Instant; readonly task: PostgresTask; readonly outcome: TaskOutcome };

export function postgresSteps({ agent }: RecordedMember): readonly PostgresStep[] {
  return agent.flatMap((life) => {
    const tasks = new Map<number, PostgresTask>();
    const steps: PostgresStep[] = [{ kind: 'agent-started' }];
    for (const { event, effects } of life) {
      const task = event.kind === 'task-ended' ? tasks.get(event.id) : undefined;
      if (event.kind === 'task-ended' && task !== undefined)
        steps.push({ kind: 'task-ended', at: event.at, task, outcome: event.outcome });
      if (event.kind === 'postgres') steps.push({ kind: 'report', report: event.report });
      for (const effect of effects) {
        if (effect.kind !== 'run-task') continue;
        tasks.set(effect.id, effect.task);
        steps.push({ kind: 'task-began', at: event.at, task: effect.task });
      }
    }
    return steps;
  });
}
