import type { ClusterView } from '../../domain/cluster-view.ts';
import type { Revision } from '../../domain/names.ts';
import { readClusterView } from '../../wire/dcs/cluster-view.ts';
import type { Picture } from './store-watch.ts';

/** Pictures read by the production parser; each revision once, since a view is immutable and many nodes see it. */
export class ClusterViews {
  readonly #known = new Map<Revision, ClusterView>();

  of(picture: Picture): ClusterView {
    const known = this.#known.get(picture.revision);
    if (known !== undefined) return known;
    const view = readClusterView(picture.pairs, picture.revision);
    if (this.#known.size >= VIEWS_MAX) this.#known.clear();
    this.#known.set(picture.revision, view);
    return view;
  }
}

const VIEWS_MAX = 64;
