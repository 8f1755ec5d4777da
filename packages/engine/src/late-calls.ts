// Calls for groups and contacts whose code is not there yet: each waits for it, since all of them ask the server anyway.
import { HttpError } from './http.ts'
import { lateParts, loadLateParts, type LateParts } from './late.ts'
import type { ContactCalls, GroupCalls } from './types.ts'

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
const contactCalls: Names<ContactCalls> = { block: true, unblock: true, blocked: true, report: true }

/** @throws EngineError 'offline', from each call, where the code cannot be had */
export function lateCalls<Calls extends object>(names: Names<Calls>, make: (parts: LateParts) => Calls): Calls {
  const there = lateParts()
  if (there) return make(there)
  let calls: Calls | null = null
  const made = async (): Promise<Calls> => {
    const parts = await loadLateParts().catch(() => {
      throw new HttpError('offline', 'The server cannot be reached.', 0)
    })
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

export const lateGroupCalls = (make: (parts: LateParts) => GroupCalls): GroupCalls => lateCalls(groupCalls, make)
export const lateContactCalls = (make: (parts: LateParts) => ContactCalls): ContactCalls => lateCalls(contactCalls, make)
