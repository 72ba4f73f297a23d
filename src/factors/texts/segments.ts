/** How many text messages a text is billed as (GSM 03.38; outside of its alphabet UCS-2, where less than half as much fits). */

const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** They take two places. */
const EXTENDED = new Set('\f^{}\\[~]|€');

const GSM = { alone: 160, joined: 153 } as const;
const UCS2 = { alone: 70, joined: 67 } as const;

export function segmentsOf(text: string): number {
  const characters = [...text];
  const isGsm = characters.every((one) => BASIC.has(one) || EXTENDED.has(one));
  const size = isGsm ? (one: string) => (EXTENDED.has(one) ? 2 : 1) : (one: string) => one.length;
  const { alone, joined } = isGsm ? GSM : UCS2;
  const sizes = characters.map(size);
  if (sizes.reduce((sum, one) => sum + one, 0) <= alone) return 1;
  // A character is never divided between two.
  let [segments, used] = [1, 0];
  for (const one of sizes) {
    if (used + one > joined) [segments, used] = [segments + 1, 0];
    used += one;
  }
  return segments;
}
