// Where the rows of a long list stand, by key: a row keeps its measured height wherever it moves (V1: by index, each prepended page would give it another's).

/** Heights of rows that were never measured. */
const FIRST_ESTIMATE = 56

export class KeyedPositions {
  #keys: readonly string[] = []
  #indexes = new Map<string, number>()
  #heights = new Map<string, number>()
  /** The top of each row, and last the end of all. */
  #tops: number[] = [0]
  #measured = 0
  #stale = false

  get length(): number {
    return this.#keys.length
  }

  setKeys(keys: readonly string[]): void {
    this.#keys = keys
    this.#indexes = new Map(keys.map((key, index) => [key, index]))
    this.#stale = true
  }

  /** @returns whether anything moved */
  setHeight(key: string, height: number): boolean {
    const known = this.#heights.get(key)
    if (known === height) return false
    this.#measured += height - (known ?? 0)
    this.#heights.set(key, height)
    this.#stale = true
    return true
  }

  /** After a change of width only the rows that are shown will be measured again; what is known of others is wrong. */
  forgetAllBut(kept: ReadonlySet<string>): void {
    for (const [key, height] of this.#heights) {
      if (kept.has(key)) continue
      this.#heights.delete(key)
      this.#measured -= height
    }
    this.#stale = true
  }

  indexOf(key: string): number {
    return this.#indexes.get(key) ?? -1
  }

  keyAt(index: number): string | undefined {
    return this.#keys[index]
  }

  top(index: number): number {
    this.#place()
    return this.#tops[index] ?? 0
  }

  bottom(index: number): number {
    return this.top(index + 1)
  }

  get end(): number {
    return this.top(this.#keys.length)
  }

  /** The row that covers `y`; the first or last one when none does, -1 when there are none. */
  indexAt(y: number): number {
    this.#place()
    let low = 0
    let high = this.#keys.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.top(middle) <= y) low = middle
      else high = middle - 1
    }
    return high < 0 ? -1 : low
  }

  #place(): void {
    if (!this.#stale) return
    this.#stale = false
    const estimate = this.#heights.size ? Math.round(this.#measured / this.#heights.size) : FIRST_ESTIMATE
    let top = 0
    this.#tops = this.#keys.map((key) => {
      const own = top
      top += this.#heights.get(key) ?? estimate
      return own
    })
    this.#tops.push(top)
  }
}
