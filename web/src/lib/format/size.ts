/** Sizes of files, in the units that people know. */

const UNITS = ['bytes', 'KB', 'MB', 'GB'];

/** Such as "812 bytes", "3.4 MB": powers of a thousand. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}
