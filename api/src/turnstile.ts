// Lets so many in at once; the others wait in line.

/** What runs `work` once there is room for it. */
export function createTurnstile(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let inside = 0
  const line: (() => void)[] = []
  return async (work) => {
    if (inside < most) inside++
    else await new Promise<void>((resolve) => line.push(resolve))
    try {
      return await work()
    } finally {
      // The place goes to the next in line.
      const next = line.shift()
      if (next) next()
      else inside--
    }
  }
}
