// People block each other and think better of it (BLOCK-1 to BLOCK-3); that nothing new comes into their chat meanwhile, record.ts watches.
import type { UserId } from '@skein/protocol'
import { ask, askAs } from './program.ts'
import type { Step } from './steps.ts'
import type { World } from './world.ts'

export const apartSteps: Step[] = [
  {
    name: 'block',
    weight: 2,
    run: (world) => {
      const person = world.random.pick(world.people)
      const other = world.random.pick(world.people.filter((one) => one !== person))
      if (!person || !other) return false
      const on = world.random.chance(0.5)
      world.say(`${person.name} ${on ? 'blocks' : 'no longer blocks'} ${other.name}`)
      return askAs(
        world,
        person,
        async (actor) => void (await ask(world, person, actor, on ? 'PUT' : 'DELETE', `/api/users/${other.id}/block`, null, null)),
      )
    },
  },
]

/** Whoever is apart is shown no marks (BLOCK-3), so nobody stays so to the end. */
export async function reconcile(world: World): Promise<void> {
  const pairs = (): { user_id: UserId; other_id: UserId }[] =>
    world.machine.database.prepare('select user_id, other_id from blocks').all() as unknown as { user_id: UserId; other_id: UserId }[]
  for (const { user_id, other_id } of pairs()) {
    const person = world.people.find(({ id }) => id === user_id)
    if (!person) continue
    const link = { up: true, slowMs: 20, lost: 0, doubled: 0, unanswered: 0 }
    askAs(world, person, async (actor) => void (await ask(world, person, actor, 'DELETE', `/api/users/${other_id}/block`, null, null, link)))
  }
  await world.until('nobody to be apart', () => pairs().length === 0 && !world.machine.inTransaction, 60_000)
  checkApart(world)
}

/** Where each commit looks, in the chat's row, it says the same as the list of blocks. */
function checkApart(world: World): void {
  for (const chat of world.record().chats.values())
    if (chat.blocked) world.broken('BLOCK-1', `${chat.id} takes nothing new, and nobody in it blocks anybody`)
}
