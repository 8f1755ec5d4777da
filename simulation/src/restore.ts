// The database is replaced by an older copy of itself while its servers are down, and goes on from there.
import { provable } from './healing-checks.ts'
import { readAll, seats } from './steps.ts'
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

/** Everybody reads, hears how far the others are, and the database forgets it: the same places are given again, to something else (RT4). */
export function loseMarks(world: World): boolean {
  // Places have nothing but the clock for what a restore lost.
  if (world.machine.inTransaction || world.clockWasSet) return false
  const copy = world.machine.backup()
  const readers = seats(world).filter(() => world.random.chance(0.5))
  world.say(`${readers.length} tabs read; what they have seen is lost with the database`)
  for (const { open } of readers) for (const window of open.windows.values()) readAll(world, open, window)
  world.scheduler.post(world.scheduler.harness, world.random.between(2_000, 6_000), () => {
    restoreTo(world, copy)
    for (const { open } of seats(world)) for (const window of open.windows.values()) readAll(world, open, window)
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
