/// What arrives, one after the other. Whoever takes waits for it, but not for ever.
export function inbox(what) {
  const come = [];
  const waiting = [];
  return {
    put(item) {
      if (waiting.length > 0) waiting.shift()(item);
      else come.push(item);
    },
    take() {
      if (come.length > 0) return Promise.resolve(come.shift());
      return new Promise((resolve, reject) => {
        const given = setTimeout(() => reject(new Error(`${what}: nothing came`)), 15_000);
        waiting.push((item) => {
          clearTimeout(given);
          resolve(item);
        });
      });
    },
    /// What came and was not taken.
    left: () => [...come],
  };
}
