// A member who lies where a restored server is healed: runs with words that nobody said. Nothing of them may be stored.
import { entryOf, type ChatId, type Entry, type UserId } from '@skein/protocol'
import { testMessage } from '@skein/protocol/testing'
import { asProgram, ask } from './program.ts'
import { FORGED } from './record.ts'
import type { Step } from './steps.ts'
import type { World } from './world.ts'

/** Entries of a true run that stand before the forged one. */
const TRUE_ENTRIES = 3

/** The last entries of the chat as any member has them, and the place before them. */
function trueRun(world: World, chat: ChatId): { start: { rev: number; head: string }; entries: Entry[] } | null {
  const record = world.record().chats.get(chat)
  const rev = Math.max(0, (record?.rev ?? 0) - TRUE_ENTRIES)
  const head = record?.heads[rev]
  return record && head ? { start: { rev, head }, entries: record.entries.slice(rev).map(entryOf) } : null
}

function forgedRun(world: World, chat: ChatId, author: UserId): object | null {
  const { random } = world
  const run = trueRun(world, chat)
  const last = run?.entries.at(-1)
  if (!run || !last) return null
  const text = (count: number): string => Buffer.from(random.bytes(count)).toString('base64url')
  const said = { ...(testMessage(random.uint32()) as { id: Entry['id'] }), text: FORGED } as Extract<Entry['operation'], { type: 'message' }>
  const words = { kind: 'message' as const, code: null, authorId: author, id: said.id, salt: text(16), operation: said, hash: null }
  const seq = Math.max(0, ...(world.record().chats.get(chat)?.entries ?? []).map((entry) => entry.seq)) + 1
  const next: Entry = { ...words, rev: last.rev + 1, seq, at: last.at, tag: random.chance(0.5) ? `1.${text(16)}` : null }
  // Behind what is true, or in the place of it and under its tag.
  if (random.chance(0.6)) return { ...run, entries: [...run.entries, next] }
  return { ...run, entries: [...run.entries.slice(0, -1), { ...last, ...words }] }
}

export const forging: Step = {
  name: 'forge a run',
  weight: 2,
  run: (world) =>
    asProgram(world, async (person, chat, actor) => {
      const other = world.random.pick(world.people.filter(({ id }) => id !== person.id))
      const run = other && forgedRun(world, chat, other.id)
      if (!run) return
      world.say(`${person.name} offers a forged run of ${chat.slice(0, 4)}`)
      world.states.enter('hostile', world.scheduler.now, 3_000)
      await ask(world, person, actor, 'POST', `/api/chats/${chat}/heal`, run, null)
    }),
}
