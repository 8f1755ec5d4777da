// A token bucket: a burst at once, then so many a second.

export class Bucket {
  readonly #burst: number
  readonly #perSecond: number
  #left: number
  #at = -Infinity

  constructor(burst: number, perSecond: number) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#left = burst
  }

  /** Takes `count` if they are there; `now` in milliseconds. */
  take(count: number, now: number): boolean {
    this.#refill(now)
    if (this.#left < count) return false
    this.#left -= count
    return true
  }

  /** Takes one, also on credit, and says how long to wait until the credit is paid, in milliseconds. */
  owe(now: number): number {
    this.#refill(now)
    return --this.#left >= 0 ? 0 : Math.ceil((-this.#left * 1_000) / this.#perSecond)
  }

  isFull(now: number): boolean {
    this.#refill(now)
    return this.#left >= this.#burst
  }

  #refill(now: number): void {
    // A clock that was set back refills nothing.
    const seconds = Math.max(0, now - this.#at) / 1_000
    this.#left = Math.min(this.#burst, this.#left + seconds * this.#perSecond)
    this.#at = now
  }
}
