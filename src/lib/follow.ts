/** Runs a program of events to its end. @returns its result */
export async function follow<Event, Result>(
  run: AsyncGenerator<Event, Result>,
  emit: (event: Event) => void,
): Promise<Result> {
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return value;
    emit(value);
  }
}
