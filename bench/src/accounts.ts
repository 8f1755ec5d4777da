// People and direct chats for a benchmark, made over the API as anybody would.
import { parseUserId, type UserId } from '@skein/protocol'

export interface Seat {
  document: string
  user: UserId
  token: string
}

interface Account {
  accessToken: string
  user: { id: string }
}

async function post<T>(url: string, body: object, token?: string): Promise<T> {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

/** Two seats for each of `chats` chats, all of different people. */
export async function createAccounts(origin: string, chats: number): Promise<Seat[]> {
  const account = (n: number): Promise<Account> =>
    post(`${origin}/api/auth/register`, { email: `bench${n}@example.org`, name: `Bench ${n}`, password: 'a long enough password' })
  const seats: Seat[] = []
  for (let n = 0; n < chats; n++) {
    const [a, b] = [await account(2 * n), await account(2 * n + 1)]
    const { chat } = await post<{ chat: { document: string } }>(`${origin}/api/chats`, { userId: b.user.id }, a.accessToken)
    for (const { user, accessToken } of [a, b]) seats.push({ document: chat.document, user: parseUserId(user.id), token: accessToken })
  }
  return seats
}
