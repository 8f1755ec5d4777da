// Waiting for what a program says by itself: woken by its own notices, never by the clock. The test's own time limit ends it.
export interface Watchable {
  subscribe(listener: () => void): () => void
}

/** Resolves once `is` holds; looked at after each notice of `watched`. */
export function until(watched: Watchable, is: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let stop = (): void => {}
    const look = (): void => {
      try {
        if (!is()) return
        stop()
        resolve()
      } catch (error) {
        stop()
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    stop = watched.subscribe(look)
    look()
  })
}
