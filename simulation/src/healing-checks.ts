// Promise 7 and erasure from outside. What a device can prove when a restore loses it must be stored again, once; what the journal knows stays deleted; erased words stand nowhere.
import { canonicalJson, journalKey, targetAuthor, type ChatId } from '@skein/protocol'
import type { Device } from './device.ts'
import { sha256 } from './server-node.ts'
import type { World } from './world.ts'

/** A message or a deletion that a device held, under a tag that proves it, when the database forgot it. */
export interface Promised {
  chat: ChatId
  /** `author/id` */
  key: string
  kind: string
  text: string | null
  /** Of a deletion: whose message it deletes, and which. */
  target: [author: string, id: string] | null
  device: Device
  /** The run holds how the chat was begun, or it is a direct chat, of which its id tells: the server can begin it anew (HEAL-2). */
  begins: boolean
}

/** What each device could offer at this moment: its run up to the last tag. */
export function provable(world: World): Promised[] {
  return world.devices.flatMap((device) =>
    [...device.chats.values()].flatMap((row): Promised[] => {
      const { position } = row
      if (!position || row.removed) return []
      const run = []
      for (let rev = (row.runStart?.rev ?? 0) + 1; rev <= position.rev; rev++) {
        const entry = device.entries.get(`${row.id}/${rev}`)
        // A run with a gap proves nothing.
        if (!entry) return []
        run.push(entry)
      }
      return run
        .slice(0, run.findLastIndex(({ tag }) => tag !== null) + 1)
        .filter(({ kind, code }) => code === null && (kind === 'message' || kind === 'delete'))
        .map(({ authorId, id, kind, operation }) => ({
          chat: row.id,
          key: `${authorId}/${id}`,
          kind,
          text: operation && canonicalJson(operation),
          target: operation?.type === 'delete' ? [targetAuthor(operation, authorId) ?? authorId, operation.target] : null,
          device,
          begins: row.kind === 'direct' || (row.runStart?.rev ?? 0) === 0,
        }))
    }),
  )
}

/** After everybody has healed and settled. */
export function checkHealed(world: World): void {
  const isJournaled = (chat: ChatId, author: string, id: string): boolean => world.journal.has(journalKey(chat, author as never, id as never, sha256))
  for (const { chat: id, key, kind, text, target, device } of world.lost) {
    const chat = world.record().chats.get(id)
    // Who was taken out may offer nothing any more.
    if (!device.user || world.record().hasLeft(id, device.user)) continue
    const rev = chat?.places.get(key)
    // Of a group that is lost whole nobody can tell who was in it.
    if (!chat && !world.lost.some((each) => each.chat === id && each.begins)) continue
    // A deletion of what nobody brings back has no place. Should it come later, it is known to be deleted.
    if (!rev && target && chat && !chat.places.has(target.join('/')) && isJournaled(id, ...target)) continue
    if (!rev) world.broken('promise 7', `${kind} ${key} of ${id} was lost by a restore, ${device.name} could prove it, and it is not stored again`)
    const stored = rev ? chat?.entries[rev - 1] : undefined
    if (stored?.text != null && text !== null && stored.text !== text) world.broken('promise 7', `${kind} ${key} of ${id} came back as another`)
  }
  for (const chat of world.record().chats.values()) {
    const words = new Set<string>()
    for (const [key, states] of chat.messages) {
      const [author = '', id = ''] = key.split('/')
      if (isJournaled(chat.id, author, id) && states.at(-1)?.deleted === false)
        world.broken('promise 7', `${key} of ${chat.id} was deleted, the journal knows it, and it is there again`)
      const said = `${author} ${states[0]?.text}`
      if (!/ w\d+$/.test(said)) continue
      if (words.has(said)) world.broken('promise 4', `${said} stands twice in ${chat.id}, under two ids`)
      words.add(said)
    }
  }
}
