// Days put together into weeks: over a year the days of one mood hide those of the others.

import { MOODS } from "../chart.js";

/** The weeks of some days, each the mean of its readings, from its first day that was read. */
export function byWeek(days) {
  const weeks = new Map();
  for (const day of days) {
    const monday = mondayBefore(day.start);
    weeks.set(monday, [...(weeks.get(monday) ?? []), day]);
  }
  return [...weeks.values()].map(together);
}

function mondayBefore(start) {
  const day = new Date(start);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() - ((day.getDay() + 6) % 7)).getTime();
}

function together(days) {
  const count = days.reduce((sum, day) => sum + day.count, 0);
  const means = MOODS.map((mood) => [mood, days.reduce((sum, day) => sum + day.count * day[mood], 0) / count]);
  return { start: days[0].start, count, ...Object.fromEntries(means) };
}
