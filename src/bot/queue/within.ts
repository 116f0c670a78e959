/** Resolves when it is done, or after that many milliseconds. */
export async function within(done: Promise<unknown>, time: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, time);
  });
  await Promise.race([done, late]);
  clearTimeout(timer);
}
