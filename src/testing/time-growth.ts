const GROWTH = 8;
const NUM_ATTEMPTS = 6;
/** Microseconds; what is shorter is noise. */
const SHORTEST = 2000;

/**
 * How much more processor time `run` takes for eight times as many repetitions of `unit`: about 8 if its time is in
 * proportion to the text, about 64 if it grows with the square. The smallest of several attempts counts, so that neither a
 * busy machine nor a collection of garbage is taken for growth.
 *
 * @param count  repetitions in the shorter text
 */
export function timeGrowth(run: (text: string) => unknown, unit: string, count: number): number {
  const timeOf = (text: string): number => {
    const begun = process.cpuUsage();
    run(text);
    const { user, system } = process.cpuUsage(begun);
    return Math.max(user + system, SHORTEST);
  };
  const [short, long] = [unit.repeat(count), unit.repeat(count * GROWTH)];
  let smallest = Infinity;
  for (let attempt = 0; attempt < NUM_ATTEMPTS && smallest > GROWTH; attempt++) {
    const base = timeOf(short);
    smallest = Math.min(smallest, timeOf(long) / base);
  }
  return smallest;
}
