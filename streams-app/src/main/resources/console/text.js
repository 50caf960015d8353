// Numbers and times as people read them.
const number = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' });
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });

export const count = value => number.format(value);
export const short = value => (Math.abs(value) < 10_000 ? number.format(value) : compact.format(value));
export const fixed = (value, digits) => (value === null || value === undefined ? '–' : value.toFixed(digits));
export const percent = share => (share >= 1 ? '100 %' : `${(Math.floor(share * 1000) / 10).toFixed(1)} %`);
export const plural = (value, one, many = one + 's') => `${count(value)} ${value === 1 ? one : many}`;
export const instant = text => (text ? exact.format(new Date(text)) : '–');

/** "3m ago"; what lies ahead by a clock that goes otherwise is now. */
export function ago(text) {
  const seconds = Math.max(0, (Date.now() - Date.parse(text)) / 1000);
  if (seconds < 5) {
    return 'just now';
  }
  for (const [unit, length] of [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ]) {
    if (seconds >= length) {
      return relative.format(-Math.floor(seconds / length), unit);
    }
  }
  return relative.format(-Math.floor(seconds), 'second');
}

/** "2 h 5 min", of the two largest units. */
export function duration(seconds) {
  if (seconds < 60) {
    return `${Math.round(seconds)} s`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  return minutes < 2880 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.round(minutes / 1440)} days`;
}

/** "12 ms", "3.4 s". */
export function millis(value) {
  if (value === null || value === undefined) {
    return '–';
  }
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}
