/** What to do about an agent that does not let us in; `null`: its answer says enough. */
export function adviceFor(status: number): string | null {
  switch (status) {
    case 401:
      return 'The agent wants a user name and password: give ctl.authentication (or restapi.authentication) in the file of -c';
    case 403:
      return 'The agent does not admit this host or its certificate: see restapi.allowlist there, ctl.certfile here';
    default:
      return null;
  }
}
