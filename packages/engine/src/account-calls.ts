// What one does to an account without being logged in, or beside it.
import { anything } from './http/answers.ts'
import type { Http } from './http/http.ts'
import type { Session } from './session.ts'
import type { AccountCalls } from './types.ts'

export function createAccountCalls(http: Http, session: () => Promise<Session>): AccountCalls {
  const post = async (path: string, body: object): Promise<void> => void (await http(path, { method: 'POST', body, answer: anything }))
  return {
    forgotPassword: (email) => post('/api/auth/forgot', { email }),
    resetPassword: (token, password) => post('/api/auth/reset', { token, password }),
    confirmEmail: (token) => post('/api/auth/confirm', { token }),
    sendConfirmation: async () => void (await (await session()).ask('/api/me/confirmation', { method: 'POST', body: {}, answer: anything })),
  }
}
