import type { ApiConfig } from '../../domain/agent-config.ts';
import { textForm } from '../../domain/text-form.ts';
import { notice, problem, type Section, subsection, text } from './section.ts';

/**
 * Headers that the answers of the REST API carry besides their own: `http_extra_headers`, and with TLS
 * `https_extra_headers` laid over them (spec/rest-api.md 2.3).
 */
export function readExtraHeaders(restapi: Section, protocol: 'http' | 'https'): ApiConfig['extraHeaders'] {
  const always = headersIn(subsection(restapi, 'http_extra_headers'));
  const encrypted = headersIn(subsection(restapi, 'https_extra_headers'));
  return [...new Map(protocol === 'https' ? [...always, ...encrypted] : always)];
}

/** One header that cannot be sent would break every answer, so it is refused here. */
function headersIn(section: Section): ApiConfig['extraHeaders'] {
  return Object.entries(section.values).flatMap(([name, value]) => {
    const shown = textForm(value);
    if (!HEADER_NAME.test(name)) problem(section, name, 'is no name that a header may have');
    else if (!HEADER_VALUE.test(shown)) problem(section, name, 'a header is one line of printable text');
    else return [[name, shown] as const];
    return [];
  });
}

/** RFC 9110, 5.1 and 5.5. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export function readServerTokens(restapi: Section): ApiConfig['serverTokens'] {
  const words = text(restapi, 'server_tokens')?.toLowerCase() ?? 'original';
  if (words === 'original' || words === 'minimal') return words;
  if (words === 'productonly') return 'product-only';
  notice(restapi, 'server_tokens', `"${words}" is none of Original, Minimal, ProductOnly: Original is used`);
  return 'original';
}
