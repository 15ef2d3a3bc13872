import { readAuth } from './api.ts';
import { flag, type Section, subsection, text } from './section.ts';

/** How the command line reaches agents' REST APIs (spec/ctl.md 2 and 4). Paths of PEM files; `null` where not given. */
export type CtlAccess = {
  readonly insecure: boolean;
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  readonly keyPassword: string | null;
  readonly auth: { readonly username: string; readonly password: string } | null;
};

/** The `ctl` section, and what it leaves out from `restapi`. */
export function readCtlAccess(root: Section, insecure: boolean): CtlAccess {
  const ctl = subsection(root, 'ctl');
  const api = subsection(root, 'restapi');
  return {
    insecure: insecure || flag(ctl, 'insecure'),
    caFile: text(ctl, 'cacert') ?? text(api, 'cafile'),
    certFile: text(ctl, 'certfile'),
    keyFile: text(ctl, 'keyfile'),
    keyPassword: text(ctl, 'keyfile_password'),
    auth: readAuth(ctl) ?? readAuth(api),
  };
}
