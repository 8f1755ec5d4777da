// A program that asks the API with a person's token: a bot, a script, or somebody who attacks.
import type { ChatId } from '@skein/protocol'
import { SERVER } from './device.ts'
import { Cookies, type Link } from './network.ts'
import { Actor } from './scheduler.ts'
import type { Person, World } from './world.ts'

const troubledLink = (): Link => ({ up: true, slowMs: 20, lost: 0.1, doubled: 0.3, unanswered: 0.2 })

/** Asks the API as a program with a person's token does. */
export async function ask(
  world: World,
  person: Person,
  actor: Actor,
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  body: object | null,
  key: string | null,
  link = troubledLink(),
): Promise<Response> {
  const headers = {
    authorization: `Bearer ${await world.token(person.id, person.name)}`,
    'content-type': 'application/json',
    ...(key === null ? {} : { 'idempotency-key': key }),
  }
  return world.network.fetch(actor, link, new Cookies(), `${SERVER}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
}

export function asProgram(world: World, work: (person: Person, chat: ChatId, actor: Actor) => Promise<void>): boolean {
  const person = world.random.pick(world.people)
  const chat = world.random.pick([...world.record().chats.keys()].filter((id) => person && world.record().isMember(id, person.id)))
  if (!person || !chat) return false
  return askAs(world, person, (actor) => work(person, chat, actor))
}

export function askAs(world: World, person: Person, work: (actor: Actor) => Promise<void>): boolean {
  const actor = new Actor(`a program of ${person.name}`)
  world.claim(actor, person.id)
  world.scheduler.post(actor, 0, () => {
    // What is refused or lost is so for programs as for anybody.
    work(actor).catch(() => {})
  })
  return true
}
