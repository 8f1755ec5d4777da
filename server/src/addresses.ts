// Who is at the other end: the peer's address by the rule of trusted hops (H7), and how many connections each may have.
import { isIP, isIPv6 } from 'node:net'

/**
 * `hops` proxies stand before the server, and each has added its peer to the right of X-Forwarded-For: what stands left of theirs anybody can write.
 * A proxy that has added nothing is not skipped over.
 */
export function addressOf(peer: string, forwardedFor: string | undefined, hops: number): string {
  const chain = [...(forwardedFor ?? '').split(',').map((entry) => bare(entry.trim())), peer].filter((entry) => isIP(entry) !== 0)
  return chain[Math.max(0, chain.length - 1 - hops)] ?? peer
}

/** Without the port and brackets that some proxies write. */
const bare = (entry: string): string => /^\[([^\]]*)\](?::\d+)?$/.exec(entry)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(entry)?.[1] ?? entry

/** What one household has: an address of IPv4, a /64 of IPv6. */
export function networkOf(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  if (mapped) return mapped
  if (!isIPv6(address)) return address
  // A URL writes each address in one way, in which `::` stands for zeros.
  const [head = '', tail] = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1).split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) groups.push(...Array<string>(8 - groups.length - (tail === '' ? 0 : tail.split(':').length)).fill('0'))
  return `${[...groups, ...(tail ? tail.split(':') : [])].slice(0, 4).join(':')}::/64`
}

/** Connections by network. */
export class Counts {
  readonly #max: number
  readonly #byNetwork = new Map<string, number>()

  constructor(max: number) {
    this.#max = max
  }

  /** Counts one more if it may be; returns what takes it off again, or null. */
  take(address: string): (() => void) | null {
    const network = networkOf(address)
    const count = this.#byNetwork.get(network) ?? 0
    if (count >= this.#max) return null
    this.#byNetwork.set(network, count + 1)
    let taken = true
    return () => {
      if (!taken) return
      taken = false
      const left = (this.#byNetwork.get(network) ?? 1) - 1
      if (left > 0) this.#byNetwork.set(network, left)
      else this.#byNetwork.delete(network)
    }
  }
}
