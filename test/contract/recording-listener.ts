import type { StoreWatch, StoreWatchListener } from '../../src/ports/store.ts';

type Picture = Parameters<StoreWatchListener['picture']>[0];

/** Keeps whatever a watch says, in order. */
export class RecordingListener implements StoreWatchListener {
  readonly pictures: Picture[] = [];
  readonly silences: string[] = [];
  watch: StoreWatch | null = null;

  picture(picture: Picture): void {
    this.pictures.push(picture);
  }

  silent(reason: string): void {
    this.silences.push(reason);
  }

  /** Is the key in the last picture, with this value if one is given? */
  shows(key: string, value?: string): boolean {
    const pair = this.pictures.at(-1)?.pairs.find((each) => each.key === key);
    return pair !== undefined && (value === undefined || pair.value === value);
  }
}
