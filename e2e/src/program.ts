// What a program does with a person's email and password, over HTTP.
type Answer = Record<string, unknown>
export type Call = (path: string, body?: object, method?: string) => Promise<Answer>

export async function program(origin: string, email: string, password = 'correct horse battery'): Promise<Call> {
  let token = ''
  const call: Call = async (path, body, method = body ? 'POST' : 'GET') => {
    const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
    const answer = await fetch(`${origin}/api${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
    return text ? (JSON.parse(text) as Answer) : {}
  }
  token = String((await call('/auth/login', { email, password }))['accessToken'])
  return call
}
