// Sends one request to an address that somebody gave: resolved once, looked at, and asked at that very address (attack 35). Nothing of the answer is read but its status.
import { lookup, Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import type { WebhookPost } from '@skein/api'
import { WEBHOOK_MS } from '@skein/protocol'
import { isPublicAddress } from './public-addresses.ts'

/** For each try of a name server, in milliseconds. */
const NAME_MS = 2_000

/** The addresses of a host; rejects when there are none. */
export type Resolve = (host: string) => Promise<string[]>

/** Off the threads that files wait for: names that somebody else's server answers slowly keep nobody else waiting. */
async function resolvePublic(host: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: NAME_MS, tries: 2 })
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}
/** As any program here does, `/etc/hosts` and all. */
const resolveAny: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address)

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1')

/** Whether nothing that is known of an address is not public, its name and all that it leads to. Nobody answers for some names, or not yet. */
export async function isPublicTarget(target: URL, resolve: Resolve = resolvePublic): Promise<boolean> {
  const host = hostOf(target)
  if (/(?:^|\.)localhost\.?$/.test(host)) return false
  return (isIP(host) ? [host] : await resolve(host)).every(isPublicAddress)
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'failed')

/** `privateAddresses`: whoever runs the server lets people send to any address. `resolve` is for tests. */
export function createWebhookPost(options: { privateAddresses: boolean; resolve?: Resolve }): WebhookPost {
  return async ({ url, headers, body, isTrusted, signal }) => {
    const anywhere = options.privateAddresses || isTrusted
    const limit = AbortSignal.timeout(WEBHOOK_MS)
    const broken = AbortSignal.any([signal, limit])
    try {
      const target = new URL(url)
      const host = hostOf(target)
      const resolve = options.resolve ?? (anywhere ? resolveAny : resolvePublic)
      const found = isIP(host) ? [host] : await Promise.race([resolve(host), once(broken, 'abort').then(() => [])])
      broken.throwIfAborted()
      const [address] = found
      if (address === undefined) return 'no address'
      if (!anywhere && !found.every(isPublicAddress)) return 'private address'
      const status = await ask(target, { host, address, headers, body, signal: broken })
      return status >= 200 && status < 300 ? null : `status ${status}`
    } catch (error) {
      return limit.aborted ? 'timeout' : codeOf(error)
    }
  }
}

async function ask(
  target: URL,
  { host, address, headers, body, signal }: { host: string; address: string; headers: Record<string, string>; body: string; signal: AbortSignal },
): Promise<number> {
  const send = target.protocol === 'https:' ? requestHttps : requestHttp
  const request = send({
    host: address,
    port: target.port || (target.protocol === 'https:' ? 443 : 80),
    servername: isIP(host) ? '' : host,
    path: target.pathname + target.search,
    method: 'POST',
    headers: { host: target.host, 'content-length': Buffer.byteLength(body), ...headers },
    agent: false,
    signal,
  })
  try {
    request.end(body)
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.on('error', () => {})
    return response.statusCode ?? 0
  } finally {
    request.on('error', () => {})
    request.destroy()
  }
}
