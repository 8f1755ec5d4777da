// One order for all, which no reader sees going back: revs and seqs without a gap, places that never change, revs, marks and states that never fall.
import type { Ending, Link, Recorded, Status } from './history.ts'
import type { Say } from './check.ts'

const ranks: Record<Status, number> = { sent: 1, delivered: 2, seen: 3 }
const linkText = ({ rev, seq, kind, code, at, author, id }: Link): string => JSON.stringify([rev, seq, kind, code, at, author, id])
/** Words may have been erased between two looks. */
const sameWords = (a: Link, b: Link): boolean => a.operation === null || b.operation === null || a.operation === b.operation

/** The chain as it is stored. */
export function checkChain({ stored }: Ending, say: Say): void {
  const ids = new Map<string, Link>()
  for (const chat of stored.chats) {
    let rev = 0
    let seq = 0
    let at = 0
    for (const link of stored.links.filter((each) => each.chat === chat.id)) {
      if (link.rev !== ++rev) say('one order', `rev ${link.rev} stands where ${rev} should in ${chat.id}`, [link.id])
      rev = link.rev
      const counts = link.kind === 'message' && link.code === null
      if (counts && link.seq !== ++seq) say('one order', `seq ${link.seq} stands where ${seq} should in ${chat.id}`, [link.id])
      if (!counts && link.seq !== 0) say('one order', `a ${link.kind} has seq ${link.seq} in ${chat.id}`, [link.id])
      if (counts) seq = link.seq
      if (link.at < at) say('times never go back', `rev ${rev} of ${chat.id} is ${at - link.at} ms before rev ${rev - 1}`, [link.id])
      at = link.at
      const key = `${link.chat}/${link.author}/${link.id}`
      const twin = ids.get(key)
      if (twin) say('exactly once', `operation ${link.id} stands at rev ${twin.rev} and ${link.rev} of ${chat.id}`, [link.id])
      ids.set(key, link)
    }
    if (chat.rev !== rev || chat.seq !== seq)
      say('one order', `chat ${chat.id} says rev ${chat.rev} seq ${chat.seq}, its chain ${rev} and ${seq}`, [])
  }
}

/** What was seen on the way, by each reader and against the end. */
export function checkReads(history: readonly Recorded[], { stored }: Ending, say: Say): void {
  const links = new Map(stored.links.map((link) => [`${link.chat}/${link.rev}`, link]))
  const seqs = new Map(stored.links.map((link) => [`${link.chat}/${link.author}/${link.id}`, link.code === null ? link.seq : 0]))
  const revs = new Map(stored.links.map((link) => [`${link.chat}/${link.author}/${link.id}`, link.rev]))
  const last = new Map<string, number>()
  /** Says so where a number falls that must not; one kind of number for each name. */
  const rises = (rule: string, name: string, value: number, piece: string[]): void => {
    const before = last.get(name) ?? value
    if (value < before) say(rule, `${name} fell from ${before} to ${value}`, piece)
    else last.set(name, value)
  }
  const place = (device: string, chat: string, author: string, id: string, seq: number): void => {
    const end = seqs.get(`${chat}/${author}/${id}`)
    if (end === undefined) say('what was seen is stored', `${device} saw ${id} at seq ${seq} of ${chat}; it is not stored`, [id])
    else if (end !== seq) say('places never change', `${device} saw ${id} at seq ${seq} of ${chat}; it stands at ${end}`, [id])
  }

  for (const event of history) {
    if (event.is === 'ok') place(event.device, event.chat, event.author, event.id, event.seq)
    else if (event.is === 'newest') rises('no rev goes back', `the newest seq of ${event.chat} on ${event.device}`, event.seq, [])
    else if (event.is === 'saw') {
      const { device, message, status } = event
      const { chat, author, id, seq, rev, deleted } = message
      place(device, chat, author, id, seq)
      // What was deleted and is erased has the rev of its own entry, and nothing comes after it (ERASE-5).
      const erased = !event.pending && deleted && rev === revs.get(`${chat}/${author}/${id}`)
      rises('no rev goes back', `the rev of ${id} on ${device}`, erased ? Infinity : rev, [id])
      if (!event.pending) rises('deleted stays deleted', `the deletion of ${id} on ${device}`, Number(deleted), [id])
      rises('marks never fall', `the state of ${id} on ${device}`, ranks[status], [id])
    } else if (event.is === 'link') {
      const { device, link } = event
      const end = links.get(`${link.chat}/${link.rev}`)
      if (!end || linkText(end) !== linkText(link) || !sameWords(end, link))
        say('one order for all', `${device} was told ${linkText(link)} of ${link.chat}; stored is ${end ? linkText(end) : 'nothing'}`, [link.id])
      rises('no rev goes back', `the rev of ${link.chat} as told to ${device}`, link.rev, [link.id])
    } else if (event.is === 'marks') {
      const { device, chat, user } = event
      for (const [i, name] of ['delivered', 'seen'].entries())
        rises('marks never fall', `${name} of ${user} in ${chat} as told to ${device}`, event.marks[i] ?? 0, [user])
    } else if (event.is === 'unknown-head') {
      say('no rev goes back', `the server did not know rev ${event.rev} of ${event.chat}, which it had told ${event.device}`, [event.chat])
    } else if (event.is === 'broken') say('whatever the fault', event.what, [])
  }

  const seqOf = new Map(stored.chats.map(({ id, seq }) => [id, seq]))
  const marks = new Map(stored.marks.map((row) => [`${row.chat}/${row.user}`, row.marks]))
  for (const {
    chat,
    user,
    marks: [delivered, seen],
  } of stored.marks)
    if (Math.max(delivered, seen) > (seqOf.get(chat) ?? 0)) say('marks never fall', `${user} has marks above the end of ${chat}`, [user])
  for (const event of history) {
    if (event.is !== 'marks') continue
    const end = marks.get(`${event.chat}/${event.user}`)
    if (!end || end[0] < event.marks[0] || end[1] < event.marks[1])
      say(
        'marks never fall',
        `${event.device} was told ${event.marks.join()} of ${event.user} in ${event.chat}; the end is ${end?.join() ?? 'nothing'}`,
        [event.user],
      )
  }
}
