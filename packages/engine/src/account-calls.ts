// What one does to an account without being logged in, or beside it.
import { nothing } from '@skein/http/answers'
import type { Call, Http } from './http.ts'
import type { Session } from './session.ts'
import type { AccountCalls } from './types.ts'

export function createAccountCalls(http: Http, session: () => Promise<Session>): AccountCalls {
  const ask = async (call: Call): Promise<void> => void (await http(call, nothing))
  return {
    forgotPassword: (email) => ask((api) => api.api.auth.forgot.$post({ json: { email } })),
    resetPassword: (token, password) => ask((api) => api.api.auth.reset.$post({ json: { token, password } })),
    confirmEmail: (token) => ask((api) => api.api.auth.confirm.$post({ json: { token } })),
    sendConfirmation: async () => void (await (await session()).ask((api) => api.api.me.confirmation.$post(), nothing)),
  }
}
