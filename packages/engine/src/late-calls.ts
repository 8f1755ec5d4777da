// Calls whose code is not there yet: each waits for it, since all of them ask the server anyway.
import type { ChatCalls } from './chat-calls.ts'
import type { ServedHistory } from './chats/served-history.ts'
import { REQUEST_TIMEOUT_MS, unreachable, type Http } from './http.ts'
import { lateParts, loadLateParts, type LateParts } from './late.ts'
import type { Ports } from './ports.ts'
import type { AccountCalls, ContactCalls, GroupCalls } from './types.ts'

/** Of each set of calls their names, which is all that is known of them until then. */
type Names<Calls> = Readonly<Record<keyof Calls, true>>

const groupCalls: Names<GroupCalls> = {
  create: true,
  invite: true,
  remove: true,
  leave: true,
  rename: true,
  setPicture: true,
  allow: true,
  links: true,
  makeLink: true,
  revokeLink: true,
  join: true,
}
const accountCalls: Names<AccountCalls> = {
  loginWays: true,
  forgotPassword: true,
  resetPassword: true,
  confirmEmail: true,
  sendConfirmation: true,
  changeProfile: true,
  changeEmail: true,
  changePassword: true,
  devices: true,
  endDevice: true,
  endOtherDevices: true,
  deleteAccount: true,
}
const chatCalls: Names<ChatCalls> = { byEmail: true }
const servedHistory: Names<ServedHistory> = { seqOf: true, seqSince: true, fetch: true }
const contactCalls: Names<ContactCalls> = { block: true, unblock: true, blocked: true, report: true }

/** @throws EngineError 'offline' where the code cannot be had, or not within the time that a request has */
export function neededParts(ports: Ports): Promise<LateParts> {
  const late = Promise.withResolvers<never>()
  const timer = ports.setTimeout(() => late.reject(unreachable()), REQUEST_TIMEOUT_MS)
  const load = loadLateParts().catch(() => {
    throw unreachable()
  })
  return Promise.race([load, late.promise]).finally(() => ports.clearTimeout(timer))
}

/** @throws EngineError from each call, as `neededParts` */
export function lateCalls<Calls extends object>(names: Names<Calls>, ports: Ports, make: (parts: LateParts) => Calls): Calls {
  const there = lateParts()
  if (there) return make(there)
  let calls: Calls | null = null
  const made = async (): Promise<Calls> => {
    const parts = await neededParts(ports)
    return (calls ??= make(parts))
  }
  const call =
    (name: string) =>
    async (...args: unknown[]): Promise<unknown> => {
      const all = await made()
      return (Reflect.get(all, name) as (...given: unknown[]) => unknown)(...args)
    }
  return Object.fromEntries(Object.keys(names).map((name) => [name, call(name)])) as Calls
}

/** As `createHttp`. @throws EngineError from each request, as `neededParts` */
export function lateHttp(server: string, ports: Ports, credentials: 'include' | 'omit'): Http {
  let http = lateParts()?.createHttp(server, ports, credentials)
  return async (call, answer, token) => {
    http ??= (await neededParts(ports)).createHttp(server, ports, credentials)
    return http(call, answer, token)
  }
}

export const lateGroupCalls = (ports: Ports, make: (parts: LateParts) => GroupCalls): GroupCalls => lateCalls(groupCalls, ports, make)
export const lateContactCalls = (ports: Ports, make: (parts: LateParts) => ContactCalls): ContactCalls => lateCalls(contactCalls, ports, make)
export const lateAccountCalls = (ports: Ports, make: (parts: LateParts) => AccountCalls): AccountCalls => lateCalls(accountCalls, ports, make)
export const lateChatCalls = (ports: Ports, make: (parts: LateParts) => ChatCalls): ChatCalls => lateCalls(chatCalls, ports, make)
export const lateServedHistory = (ports: Ports, make: (parts: LateParts) => ServedHistory): ServedHistory => lateCalls(servedHistory, ports, make)
