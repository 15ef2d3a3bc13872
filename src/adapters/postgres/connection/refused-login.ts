/** As the server says it (English), or with the SQLSTATE of its class that our own connections add. */
const REFUSED =
  /authentication failed|no password supplied|no pg_hba\.conf entry|is not permitted to log in|permission denied to start WAL sender|\(28\w{3}\)/i;

/**
 * What to check when a server turned a user away with these words: a person mends that, and until then every try fails
 * the same way. `null`: the trouble is another one.
 */
export function adviceForLogin(words: string): string | null {
  return REFUSED.test(words)
    ? "check postgresql.authentication in this member's file, and the role and pg_hba.conf on that server"
    : null;
}
