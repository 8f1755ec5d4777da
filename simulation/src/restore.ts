// The database is replaced by an older copy of itself while its servers are down, and goes on from there.
import { provable } from './healing-checks.ts'
import type { World } from './world.ts'

/** Keeps a copy to go back to, now and then. */
export function backUp(world: World): void {
  if (world.machine.inTransaction) return
  world.backups.push(world.machine.backup())
  if (world.backups.length > 4) world.backups.shift()
}

export function restore(world: World): boolean {
  const copy = world.random.pick(world.backups)
  if (!copy) return false
  world.say('the database is restored from a backup')
  world.wasRestored = true
  world.states.enter('restored', world.scheduler.now, 60_000)
  const count = world.nodes.length
  for (const node of world.nodes.slice()) world.killNode(node, false)
  world.machine.restore(copy)
  const stored = [...world.record().stored]
  const before = world.record().rewind()
  // What was stored and is lost may come back from anybody's device, whatever its author did since.
  for (const key of stored) if (!world.record().stored.has(key)) world.unsure.add(key.slice(key.indexOf('/') + 1))
  for (const [id, chat] of before) if ((world.record().chats.get(id)?.rev ?? 0) < chat.rev) world.rewound.add(id)
  world.words.rewound()
  world.lost.splice(0)
  world.lost.push(...provable(world).filter(({ chat, key }) => world.isRewound(chat) && !world.record().chats.get(chat)?.places.has(key)))
  for (let i = 0; i < count; i++) world.startNode()
  return true
}
