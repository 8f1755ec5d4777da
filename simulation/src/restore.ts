// The database is replaced by an older copy of itself while its servers are down, and goes on from there.
import type { ChatId } from '@skein/protocol'
import { provable } from './healing-checks.ts'
import { readAll, say, seats, type Seat } from './steps.ts'
import type { World } from './world.ts'

/** Keeps a copy to go back to, now and then. */
export function backUp(world: World): void {
  if (world.machine.inTransaction) return
  world.backups.push(world.machine.backup())
  if (world.backups.length > 4) world.backups.shift()
}

export function restore(world: World): boolean {
  const copy = world.random.pick(world.backups)
  if (copy) restoreTo(world, copy)
  return copy !== undefined
}

/** Somebody reads, the others hear of it, and the database forgets it; then somebody else reads: the same place is given again, to something else (RT4). */
export function loseMarks(world: World): boolean {
  // Places have nothing but the clock for what a restore lost.
  if (world.clockWasSet) return false
  const readers = (chat: ChatId) => seats(world).filter(({ open }) => open.windows.has(chat))
  const [chat] = world.random.pick(seats(world).flatMap(({ open }) => [...open.windows])) ?? []
  const [one] = chat ? readers(chat) : []
  if (!chat || !one) return false
  const post = (ms: number, run: () => void): void => void world.scheduler.post(world.scheduler.harness, ms, run)
  const read = ({ open }: Seat): void => {
    const window = open.windows.get(chat)
    if (window) readAll(world, open, window)
  }
  say(world, one, chat)
  post(4_000, () => {
    if (world.machine.inTransaction || world.clockWasSet) return
    const copy = world.machine.backup()
    world.say(`${one.person.name} reads ${chat.slice(0, 4)}, which the database will forget`)
    read(one)
    post(4_000, () => {
      if (world.clockWasSet || world.healed) return
      restoreTo(world, copy)
      post(3_000, () => {
        const other = readers(chat).find(({ person }) => person !== one.person)
        if (other) read(other)
      })
    })
  })
  return true
}

function restoreTo(world: World, copy: Uint8Array): void {
  world.say('the database is restored from a backup')
  world.wasRestored = true
  world.states.enter('restored', world.scheduler.now, 60_000)
  const count = world.nodes.length
  for (const node of world.nodes.slice()) world.killNode(node, false)
  world.machine.restore(copy)
  const before = world.record().rewind()
  for (const [id, chat] of before) if ((world.record().chats.get(id)?.rev ?? 0) < chat.rev) world.rewound.add(id)
  world.words.rewound()
  world.lost.splice(0)
  world.lost.push(...provable(world).filter(({ chat, key }) => world.isRewound(chat) && !world.record().chats.get(chat)?.places.has(key)))
  for (let i = 0; i < count; i++) world.startNode()
}
