// A suite is a list of checks. Each prints one line that `run` counts, and the last line is how many there were, so
// that a suite that ends too early is not taken for a short one.
let count = 0;
let failed = 0;

export async function check(name, body) {
  count += 1;
  try {
    await body();
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok ${name}`);
    console.log(String(error?.stack ?? error).replace(/^/gm, '  # '));
  }
}

/// Ends the suite; programs under test may keep timers or sockets open that would hold the process.
export function end() {
  console.log(`1..${count}`);
  process.exit(failed === 0 ? 0 : 1);
}
