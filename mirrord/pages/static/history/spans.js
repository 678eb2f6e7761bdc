// The spans that can be looked at, and how finely.

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LEAST_MS = HOUR_MS / 4;
const MOST_POINTS = 1600;
const LEAST_POINTS = { minute: 6, hour: 6, day: 6, week: 9 };

export const SPANS = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS, year: 365 * DAY_MS, all: 3650 * DAY_MS };
export const WIDTHS = { minute: 60_000, hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS };

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A span up to now; what lies before the `first` reading is left out, but for a quarter of an hour. */
export function spanOf(name, first) {
  const until = new Date();
  const since = new Date(Math.min(until - LEAST_MS, Math.max(until - SPANS[name], first - WIDTHS.minute)));
  return { name, since, until };
}

/** The resolutions that are neither too coarse nor too fine for a span, the finest first. */
export function finenesses({ since, until }) {
  return Object.keys(WIDTHS).filter((name) => {
    const points = (until - since) / WIDTHS[name];
    return points >= LEAST_POINTS[name] && (points <= MOST_POINTS || name === "day");
  });
}

export const asked = (span) => ({ since: span.since.toISOString(), until: span.until.toISOString() });
