// A hash over everything that happened, so that two runs of one seed can be compared; and on wish the happenings themselves.

export class Trace {
  #hash = 0x811c9dc5
  #other = 0x01234567
  readonly lines: string[] | null

  constructor(keep: boolean) {
    this.lines = keep ? [] : null
  }

  add(what: string, number: number): void {
    for (let i = 0; i < what.length; i++) this.#mix(what.charCodeAt(i))
    this.#mix(number | 0)
    this.lines?.push(`${number} ${what}`)
  }

  addBytes(what: string, bytes: Uint8Array): void {
    this.add(what, bytes.length)
    for (let i = 0; i < bytes.length; i++) this.#mix(bytes[i] ?? 0)
  }

  #mix(value: number): void {
    this.#hash = Math.imul(this.#hash ^ value, 0x01000193)
    this.#other = (Math.imul(this.#other, 31) + value) | 0
  }

  get digest(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0') + (this.#other >>> 0).toString(16).padStart(8, '0')
  }
}
