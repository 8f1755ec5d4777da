// What one does to an account: without being logged in, or to one's own.
import { loginWays, nothing, oneAccount, sessions } from '@skein/http/answers'
import { HttpError, type Call, type Http } from './http.ts'
import { meOf, type AccountSession } from './session.ts'
import type { AccountCalls } from './types.ts'

export interface AccountCallsOptions {
  http: Http
  session(): Promise<AccountSession>
  /** What is known of the person has changed: the other tabs read it again. */
  told(): void
  /** Logs out, and leaves nothing of the person on this device. */
  leave(): Promise<void>
}

export function createAccountCalls({ http, session, told, leave }: AccountCallsOptions): AccountCalls {
  const ask = async (call: Call): Promise<void> => void (await http(call, nothing))
  const askAsOneself = async (call: Call): Promise<void> => void (await (await session()).ask(call, nothing))

  async function change(call: Call): Promise<void> {
    const now = await session()
    await now.learn(meOf((await now.ask(call, oneAccount)).user))
    told()
  }
  async function endDevice(id: string): Promise<void> {
    try {
      await askAsOneself((api) => api.api.auth.sessions[':id'].$delete({ param: { id } }))
    } catch (error) {
      if (!(error instanceof HttpError && error.code === 'no-such-session')) throw error
    }
  }
  const devices: AccountCalls['devices'] = async () => {
    const answer = await (await session()).ask((api) => api.api.auth.sessions.$get(), sessions)
    return answer.sessions.map(({ id, device, lastUsedAt, current }) => ({ id, name: device, lastUsedAt: Date.parse(lastUsedAt), current }))
  }

  return {
    loginWays: () => http((api) => api.api.auth.ways.$get(), loginWays),
    forgotPassword: (email) => ask((api) => api.api.auth.forgot.$post({ json: { email } })),
    resetPassword: (token, password) => ask((api) => api.api.auth.reset.$post({ json: { token, password } })),
    confirmEmail: (token) => ask((api) => api.api.auth.confirm.$post({ json: { token } })),
    sendConfirmation: () => askAsOneself((api) => api.api.me.confirmation.$post()),
    changeProfile: (json) => change((api) => api.api.me.$patch({ json })),
    changeEmail: (email, password) => change((api) => api.api.me.$patch({ json: { email, password } })),
    changePassword: (currentPassword, newPassword) => askAsOneself((api) => api.api.me.password.$post({ json: { currentPassword, newPassword } })),
    devices,
    endDevice,
    endOtherDevices: async () => {
      for (const { id, current } of await devices()) if (!current) await endDevice(id)
    },
    deleteAccount: async (password) => {
      await askAsOneself((api) => api.api.me.$delete({ json: password === null ? {} : { password } }))
      await leave()
    },
  }
}
