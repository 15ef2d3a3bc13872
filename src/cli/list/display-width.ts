/** How many columns a terminal takes for a line: two for East Asian wide characters and emoji, none for combining marks. */
export function displayWidth(line: string): number {
  if (PLAIN.test(line)) return line.length;
  return Array.from(line, widthOf).reduce((sum, width) => sum + width, 0);
}

const PLAIN = /^[\x20-\x7e]*$/;
const NONE = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const WIDE = /^[ᄀ-ᅟ⺀-〾ぁ-㏿㐀-䶿一-鿿ꀀ-꓏가-힣豈-﫿︰-﹯＀-｠￠-￦\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u;

function widthOf(character: string): number {
  if (NONE.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
