// A browser, as far as a log-in by an OpenID provider needs one: it keeps the cookies of a Skein server, follows no redirect by itself, and presses the buttons of the provider's page.
export type Body = Record<string, unknown>

export class Visitor {
  readonly cookies = new Map<string, string>()
  /** What `Set-Cookie` said last, by the cookie's name. */
  readonly attributes = new Map<string, string>()
  readonly #skein: string

  constructor(skein: string) {
    this.#skein = skein
  }

  async ask(method: string, path: string, { body, headers = {} }: { body?: object; headers?: Record<string, string> } = {}) {
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(this.#skein + path, {
      method,
      redirect: 'manual',
      headers: { ...(cookie ? { cookie } : {}), origin: this.#skein, ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      this.attributes.set(name, line.replace(/^[^;]*;?\s*/, ''))
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    const text = await answer.text()
    const json = text.startsWith('{') ? (JSON.parse(text) as Body) : {}
    return { status: answer.status, location: answer.headers.get('location') ?? '', headers: answer.headers, code: json['code'], json }
  }

  /** Presses "Continue": where that leads. */
  async start(query = '', headers: Record<string, string> = { 'sec-fetch-site': 'same-origin' }): Promise<string> {
    const { status, location } = await this.ask('GET', `/api/auth/oidc/start${query}`, { headers })
    if (status !== 303) throw new Error(`start answered ${status}`)
    return location
  }

  /** At the provider, as `sub`; null: presses Cancel. The address that leads back. */
  async choose(provider: string, sub: string | null): Promise<URL> {
    const { origin, searchParams } = new URL(provider)
    const form = new URLSearchParams([...searchParams, ['sub', sub ?? ''], ['decision', sub === null ? 'no' : 'yes']])
    const answer = await fetch(`${origin}/decide`, { method: 'POST', body: form, redirect: 'manual' })
    return new URL(answer.headers.get('location') ?? '')
  }

  /** Comes back by this address: where in the app that leads. */
  async arrive(callback: URL): Promise<string> {
    const { status, location } = await this.ask('GET', callback.pathname + callback.search, { headers: { 'sec-fetch-site': 'cross-site' } })
    if (status !== 303) throw new Error(`callback answered ${status}`)
    return location
  }

  /** All of it; the page of the app that it ends at. */
  async logIn(sub: string | null, query = ''): Promise<string> {
    return this.arrive(await this.choose(await this.start(query), sub))
  }

  /** Who is logged in here, by the cookie. */
  async session(): Promise<{ status: number; user: Body; token: string }> {
    const { status, json } = await this.ask('POST', '/api/auth/refresh')
    return { status, user: (json['user'] ?? {}) as Body, token: String(json['accessToken']) }
  }
}
