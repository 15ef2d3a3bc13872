import type { Tool } from '../cli/tool.ts';
import type { ExecutableName } from './called-as.ts';

/** Whose manners a command has. */
export function toolOf(calledAs: ExecutableName): Tool {
  return calledAs === 'patronictl' ? 'patronictl' : 'matriarch';
}
