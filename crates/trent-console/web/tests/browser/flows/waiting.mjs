// What flows wait for.

export const idOf = (url) => new URL(url).pathname.split("/").at(-1);

/** The key whose page is shown, as soon as one is. */
export const keyIn = async (person) => {
  await person.page.waitForURL(/\/keys\/(mrk-)?[0-9a-f-]{32,36}(\?|$)/);
  return idOf(person.page.url());
};

/** Waits until something is so. */
export async function until(so) {
  for (let left = 100; left > 0; left -= 1) {
    if (await so()) return;
    await new Promise((done) => {
      setTimeout(done, 100);
    });
  }
  throw new Error(`not in ten seconds: ${so}`);
}
