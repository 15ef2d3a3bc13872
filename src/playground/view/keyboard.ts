import type { Model } from '../model/model.ts';
import { isPaused } from '../model/pause.ts';
import { nodeNames } from '../names.ts';
import type { Action } from '../script/command.ts';
import type { Screen } from './screen.ts';

/** What a key means, given what is on the screen. */
export function keyPressed(
  key: string,
  { screen, model }: { readonly screen: Screen; readonly model: Model },
): Pressed {
  if (key === 'q' || key === CTRL_C || key === CTRL_D) return { kind: 'quit' };
  if (screen.page === 'help') return { kind: 'screen', screen: { ...screen, page: 'cluster' } };
  if (key === '?' || key === 'h') return { kind: 'screen', screen: { ...screen, page: 'help' } };
  const chosen = nodeNames.find((_, index) => key === String(index + 1));
  if (chosen !== undefined) return { kind: 'screen', screen: { ...screen, chosen } };
  if (key === '0' || key === ESCAPE) return { kind: 'screen', screen: { ...screen, chosen: null } };
  const action = actionFor(key, { screen, model });
  return action === null ? { kind: 'nothing' } : { kind: 'action', action, screen: { ...screen, chosen: null } };
}

export type Pressed =
  | { readonly kind: 'quit' }
  | { readonly kind: 'screen'; readonly screen: Screen }
  | { readonly kind: 'action'; readonly action: Action; readonly screen: Screen }
  | { readonly kind: 'nothing' };

function actionFor(key: string, { screen, model }: { readonly screen: Screen; readonly model: Model }): Action | null {
  const target = screen.chosen ?? 'leader';
  switch (key) {
    case 'p':
      return { kind: 'kill-postgres', target: 'leader' };
    case 'k':
      return { kind: 'kill-node', target };
    case 'f':
      return { kind: 'freeze', target };
    case 'c':
      return { kind: 'cut', target };
    case 'b':
      return { kind: 'bring-back', target: 'all' };
    case 's':
      return { kind: 'switchover' };
    case 'z':
      return { kind: isPaused(model) ? 'resume' : 'pause' };
    default:
      return null;
  }
}

/** The keyboard's way to ask the program to end, in raw mode. */
const CTRL_C = '\x03';
const CTRL_D = '\x04';
const ESCAPE = '\x1b';
