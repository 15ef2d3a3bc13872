import { fit, type Line } from '../../terminal/line.ts';
import type { Size } from '../../terminal/size.ts';
import type { Model } from '../model/model.ts';
import { eventsOf } from './events.ts';
import { footerRows } from './footer.ts';
import { headerRows } from './header.ts';
import { helpRows } from './help.ts';
import { nodeRows } from './nodes.ts';
import type { Screen } from './screen.ts';
import { leaseOf, writesRow } from './vitals.ts';

/**
 * The whole screen: exactly as many lines as it has, none longer than it is wide.
 */
export function render(model: Model, screen: Screen, size: Size): readonly Line[] {
  const top = [...headerRows(model, size.columns), blank];
  const body =
    screen.page === 'help'
      ? helpRows(screen.connections)
      : [
          ...nodeRows(model, { chosen: screen.chosen, columns: size.columns }),
          blank,
          leaseOf(model, size.columns),
          writesRow(model),
          blank,
        ];
  const bottom = footerRows(screen, size.columns);
  const room = Math.max(0, size.rows - top.length - body.length - bottom.length);
  const middle = screen.page === 'help' ? [] : eventsOf(model, { columns: size.columns, rows: room });
  const filling = Array.from({ length: room - middle.length }, () => blank);
  const upper = [...top, ...body, ...middle, ...filling].slice(0, Math.max(0, size.rows - bottom.length));
  return [...upper, ...bottom].slice(0, size.rows).map((line) => fit(line, size.columns));
}

const blank: Line = [];
