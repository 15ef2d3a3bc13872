import { isJsonList, isJsonObject, type Json } from '../../domain/json.ts';
import { renderJson } from '../json.ts';

/**
 * JSON with a blank after each comma and colon, in ASCII, without a line break at the end: scripts grep
 * `"role": "primary"` in answers of the REST API and of the command line (spec/rest-api.md 2.2).
 */
export function renderSpacedJson(json: Json): string {
  if (isJsonObject(json)) {
    const fields = Object.entries(json).map(([name, value]) => `${renderJson(name)}: ${renderSpacedJson(value)}`);
    return `{${fields.join(', ')}}`;
  }
  return isJsonList(json) ? `[${json.map(renderSpacedJson).join(', ')}]` : renderJson(json);
}
