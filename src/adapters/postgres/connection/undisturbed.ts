import { features } from '../version.ts';

/**
 * Settings for a superuser's session that keep it from what operators mean for their own: a trigger on logins that fails or
 * hangs there, a library that is not installed on this machine or a role without rights would make the server look silent,
 * and what ends idle or long sessions is not meant for who watches it.
 */
export function undisturbed(major: number): Readonly<Record<string, string>> {
  return {
    role: 'none',
    session_preload_libraries: '',
    local_preload_libraries: '',
    ...(features.idleSessionTimeout(major) && { idle_session_timeout: '0' }),
    ...(features.transactionTimeout(major) && { transaction_timeout: '0' }),
    ...(features.loginTriggers(major) && { event_triggers: 'off' }),
  };
}
