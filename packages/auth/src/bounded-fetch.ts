// Asking an issuer. Its address is the operator's, but what answers there may be anything.
const MAX_BYTES = 256 * 1024

/** The issuer cannot be reached, does not answer in time, or says that it cannot answer now. */
export class IssuerAway extends Error {
  constructor(why: string, cause?: unknown) {
    super(`The issuer does not answer: ${why}`, { cause })
    this.name = 'IssuerAway'
  }
}

async function read(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for (const reader = response.body?.getReader(); reader;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.length
    if (size > MAX_BYTES) {
      await reader.cancel()
      throw new IssuerAway('it says too much')
    }
    parts.push(value)
  }
  return Buffer.concat(parts)
}

/** No redirect is followed (the libraries ask for none), and a bounded answer is read. @throws IssuerAway */
export async function boundedFetch(url: string, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(url, init)
    const body = await read(response)
    if (response.status >= 500 || response.status === 429) throw new IssuerAway(`status ${response.status}`)
    // These statuses have no body.
    const isEmpty = [204, 205, 304].includes(response.status)
    return new Response(isEmpty ? null : Buffer.from(body), { status: response.status, headers: response.headers })
  } catch (error) {
    throw error instanceof IssuerAway ? error : new IssuerAway('no connection', error)
  }
}
