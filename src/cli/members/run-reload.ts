import type { ExitCode, OperatorLine } from '../command-line.ts';
import { clusterTable } from '../handover/handover-run.ts';
import { loopWaitSeconds } from '../leader-first.ts';
import { isStop } from '../stop.ts';
import { type ClusterOptions, withCluster } from '../with-cluster.ts';
import { chooseMembers, consent, sureQuestion } from './choose-members.ts';
import { MemberResults, type Presentation, REPLY_LIMIT, resultOf } from './member-results.ts';
import type { Role } from './words.ts';

export type MembersOptions = ClusterOptions &
  Presentation & {
    readonly members: readonly string[];
    readonly role: Role;
    /** Ask nothing. */
    readonly force: boolean;
  };

/** `reload`: each member's agent reads its configuration again (spec/ctl.md 8.3). */
export function runReload(options: MembersOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(options, line, async (cluster) => {
    const view = await cluster.view();
    if (isStop(view)) return view;
    const chosen = chooseMembers({ view, cluster: cluster.name, role: options.role, names: options.members });
    if (options.format === 'text') line.stdout.write(clusterTable(cluster, view));
    if (isStop(chosen)) return chosen;
    const question = sureQuestion('reload', chosen);
    const refusal = await consent({ line, question, action: 'reload', force: options.force });
    if (refusal !== null) return refusal;
    const results = new MemberResults(options, line);
    for (const member of chosen) {
      const reply = await cluster.call(member, { method: 'POST', path: '/reload', body: null }, REPLY_LIMIT);
      const within = `will be processed within ${loopWaitSeconds(view)} seconds`;
      const success = (status: number): string | null => {
        if (status === 202) return `Reload request received for member ${member.name} and ${within}`;
        return status === 200 ? `No changes to apply on member ${member.name}` : null;
      };
      results.add(resultOf(member.name, reply, { action: 'reload', success }));
    }
    return results.conclude('reload');
  });
}
