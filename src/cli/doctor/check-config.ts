import type { ClusterView } from '../../domain/cluster-view.ts';
import type { Millis } from '../../domain/time.ts';
import { timingAdjustments } from '../../domain/timings.ts';
import { ignoredValues, readDynamicConfig } from '../../wire/config/dynamic.ts';
import type { Finding } from './finding.ts';

/** What agents make of the dynamic configuration, and whether its `ttl` fits the store. */
export function checkConfig({ config, members }: ClusterView, safeTtl: Millis): readonly Finding[] {
  switch (config.kind) {
    case 'absent':
      return [finding('warning', 'there is none yet', 'the first agent that creates the cluster writes it')];
    case 'invalid':
      return [finding('error', `cannot be read: ${config.problem}`, 'edit-config --replace FILE')];
    case 'valid': {
      const { document } = config.config;
      const foreignMemberPresent = members.some(({ agent }) => agent === 'foreign');
      const { config: read, rejected } = readDynamicConfig(document);
      const found = [
        ...(rejected === null
          ? []
          : [finding('error', `agents go on with what they have: ${rejected}`, 'edit-config')]),
        ...timingAdjustments(read, { foreignMemberPresent }).map((says) =>
          finding('warning', `agents correct it: ${says}`, 'edit-config, so that it says what holds'),
        ),
        ...ignoredValues(document).map((says) => finding('warning', says, 'edit-config')),
        ...ttlFinding(read.ttl, safeTtl),
      ];
      return found.some(({ level }) => level === 'warning' || level === 'error')
        ? found
        : [finding('fine', 'agents take it as it is', null), ...found];
    }
  }
}

function ttlFinding(ttl: Millis, safe: Millis): readonly Finding[] {
  const [is, least] = [ttl / 1000, safe / 1000];
  const assumed = "(etcd's election time-out taken as 1 s)";
  if (ttl < safe) {
    const says = `ttl is ${is} s; with what was measured ${least} s are safe here ${assumed}`;
    return [finding('warning', says, `edit-config -s ttl=${least}, or a faster store`)];
  }
  if (ttl === safe) return [finding('fine', `ttl is ${is} s, the shortest that is safe here ${assumed}`, null)];
  const says = `ttl is ${is} s; ${least} s would be safe here ${assumed}`;
  return [finding('note', says, ttl > 3 * safe ? 'a shorter one lets a replica take over sooner' : null)];
}

function finding(level: Finding['level'], says: string, remedy: string | null): Finding {
  return { area: 'configuration', level, says, remedy };
}
