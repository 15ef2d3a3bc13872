import type { ClusterView } from '../../domain/cluster-view.ts';
import type { StoredPair } from '../../ports/store.ts';
import { clusterViewReader } from '../../wire/dcs/cluster-view.ts';
import type { Picture } from './store-watch.ts';

/**
 * Pictures read by the production parser, each once: a view is immutable and many nodes see it. They are told apart by
 * their pairs, which the store makes once per change: after a restored backup a revision may come a second time.
 */
export class ClusterViews {
  readonly #read = clusterViewReader();
  readonly #known = new WeakMap<readonly StoredPair[], ClusterView>();

  of(picture: Picture): ClusterView {
    const known = this.#known.get(picture.pairs);
    if (known?.revision === picture.revision) return known;
    const view = this.#read(picture.pairs, picture.revision);
    this.#known.set(picture.pairs, view);
    return view;
  }
}
