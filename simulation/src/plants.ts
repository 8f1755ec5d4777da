// Bugs to be planted one by one, each of which some seed must find: exact text of a source file, and what stands there instead.

export interface Patch {
  file: string
  find: string
  put: string
}

export interface Plant {
  name: string
  patches: Patch[]
}

const plant = (name: string, file: string, find: string, put: string, ...more: Patch[]): Plant => ({ name, patches: [{ file, find, put }, ...more] })

const DECIDE = 'packages/storage/src/commit/decide.ts'
const COMMIT = 'packages/storage/src/commit/commit.ts'
const MARKS = 'packages/storage/src/marks.ts'
const SCHEMA = 'packages/storage/src/migrations/0001-start.ts'
const WRITE_PATH = 'sync-server/src/write-path.ts'
const LIVE_CHAT = 'sync-server/src/live-chat.ts'
const EXTENSION = 'sync-server/src/extension.ts'
const SYNC = 'sync-server/src/index.ts'
const FOLD = 'packages/protocol/src/fold.ts'
const OUTBOX = 'packages/engine/src/outbox/outbox.ts'
const PLAN = 'packages/engine/src/outbox/plan.ts'
const OPEN_CHAT = 'packages/engine/src/sync/open-chat.ts'
const GUARDED_STORE = 'packages/engine/src/store/guarded-store.ts'
const INGEST = 'packages/engine/src/chats/ingest.ts'
const CHAT_SYNC = 'packages/engine/src/chats/chat-sync.ts'
const RUN = 'packages/protocol/src/run.ts'
const HEALING = 'packages/storage/src/heal/decide.ts'
const ERASURES = 'packages/storage/src/erasures.ts'

export const plants: Plant[] = [
  plant('no unique key and no check of ids: an operation offered twice is stored twice', DECIDE, 'if (stored) {', 'if (stored && false) {', {
    file: SCHEMA,
    find: "    .addUniqueConstraint('operations_id', ['chat_id', 'operation_id', 'author_id'])\n",
    put: '',
  }),
  plant(
    'acknowledged before the commit',
    WRITE_PATH,
    'await live.inTurn(user, () => this.#receive(live, user, raw, spend))',
    'void live.inTurn(user, () => this.#receive(live, user, raw, spend)).catch(() => {})',
  ),
  plant(
    'no table of client ids: anybody writes under any id',
    DECIDE,
    'if (owners.some((owner) => owner !== undefined && owner !== item.userId))',
    'if (owners.length < 0)',
    { file: WRITE_PATH, find: 'ownerOf: (client) => live.owners.get(client)', put: 'ownerOf: () => undefined' },
  ),
  plant(
    'marks: the last value instead of the greatest',
    MARKS,
    'const seen = Math.max(row.seen_seq, Math.min(mark[1], chat.seq))',
    'const seen = Math.min(mark[1], chat.seq)',
    { file: MARKS, find: 'delivered > row.delivered_seq || seen > row.seen_seq', put: 'delivered > row.delivered_seq || seen !== row.seen_seq' },
  ),
  plant(
    'raw bytes are stored and sent instead of the normalised update',
    WRITE_PATH,
    '      update,\n      clients,',
    '      update: raw.slice(),\n      clients,',
  ),
  plant(
    'what Hocuspocus applies behind the check is not blanked',
    EXTENSION,
    '      // What Hocuspocus applies behind this hook must be nothing: the raw bytes were never checked, only what was made of them (RT1).\n      payload.fill(0)\n',
    '',
  ),
  plant(
    'a document is unloaded while somebody waits for its commit',
    'sync-server/src/live-chats.ts',
    'if ((this.#byName.get(name)?.waiting ?? 0) > 0) throw new Error()',
    '',
  ),
  plant(
    'the document gets a word before the outbox row names the document',
    OPEN_CHAT,
    "if (!(await change(written, () => ({ is: 'append', document: openName, n: openN }), true))) again = true\n",
    'if (written.length < 0) again = true\n',
  ),
  plant(
    'a word leaves the outbox when it is appended',
    OUTBOX,
    "if (state.at === 'waiting') return { at: 'appended', document: event.document, n: event.n }",
    "if (state.at === 'waiting') return 'gone'",
  ),
  plant('a word that is under way can be discarded', OUTBOX, "return state.at === 'appended' ? null : 'gone'", "return 'gone'"),
  plant('the last entry of a commit has no tag', DECIDE, 'last.entry.tag = last.row.tag =', 'last.entry.tag ='),
  plant(
    'the time of entries follows the clock, also backwards',
    DECIDE,
    "chat.entry_at = Math.max((item.kind === 'operation' ? item.at : undefined) ?? now, chat.entry_at)",
    'chat.entry_at = now',
  ),
  plant('membership is not asked in the commit', DECIDE, '|| !isMember(known, chat.id, item.userId)', ''),
  plant('a commit into a closed epoch is let through', DECIDE, "if (item.epoch !== chat.epoch) return 'closed-epoch'", ''),
  plant(
    'a commit whose answer was lost counts as stored',
    COMMIT,
    'if (error instanceof UnknownCommit && (await isStored(items, mark))) return done()',
    'if (error instanceof UnknownCommit) return done()',
  ),
  plant('a transaction that failed is not rolled back', 'packages/storage/src/database.ts', '        await connection.rollback()\n', ''),
  plant('a gap in the chain is not noticed', INGEST, "if (entry.rev !== rev + 1) return 'gap'", ''),
  plant(
    'a message that is not one’s own can be edited',
    FOLD,
    "if ((operation.type === 'edit' || operation.type === 'delete') && targetAuthor(operation, author) !== author) return 'not-yours'",
    '',
  ),
  plant('what is deleted can be edited', FOLD, "if (target.deletedAt !== null) return 'deleted'", ''),
  plant('who was taken out of a chat keeps it open', SYNC, "open.connection?.close(closing('no-access'))", 'if (!open) break'),
  plant('ledger bytes stand at the wrong clock', LIVE_CHAT, 'const clock = first.rev - this.baseRev - 1', 'const clock = first.rev - this.baseRev'),
  plant(
    'what the document misses is not noticed when a commit is applied',
    LIVE_CHAT,
    'if (outcome.pos > next || (first && first.rev > this.rev + 1)) return false',
    '',
  ),
  plant('a lost connection is not tried again', 'packages/engine/src/sync/socket.ts', 'retry = ports.setTimeout(connect, wait)', 'retry = null'),
  plant(
    'marks that rose while others were sent are forgotten',
    'packages/engine/src/chats/mark-sender.ts',
    "await local.commit([expectField('marks', chat, 'marks', sent), { remove: 'marks', key: chat }])",
    "await local.commit(sent ? [{ remove: 'marks', key: chat }] : [])",
  ),
  plant(
    'a word stays in the outbox when the ledger names it, and is shown twice',
    'packages/engine/src/chats/views.ts',
    'if (item && !stored.has(item.key)) items.push(item)',
    'if (item && stored) items.push(item)',
    {
      file: CHAT_SYNC,
      find: "if (queued) changes.push(...settle(queued, self, operation ?? 'erased', code, ports))",
      put: 'if (queued && !queued.id) changes.push()',
    },
  ),
  plant(
    'after a closed epoch the same document is opened again',
    PLAN,
    "case 'closed-epoch':\n      return { do: 'relocate' }",
    "case 'closed-epoch':\n      return { do: 'reopen', backoff: true }",
  ),
  plant(
    'healing: the tag of a run is not verified',
    RUN,
    'one.tag !== null && verifyTag(tagBytes(chat, one.rev, head), one.tag)',
    'one.tag !== null',
  ),
  plant(
    'healing: what follows the last true tag is taken for proven',
    RUN,
    'entries: checked.slice(0, proven)',
    'entries: proven > 0 ? checked : []',
  ),
  plant(
    'healing: entries go to their old places though others stand there',
    HEALING,
    'let isInPlace = common !== null && common.rev === chat.rev && common.head === chat.head',
    'let isInPlace = common !== null',
  ),
  plant(
    'healing: a server that does not know the device’s head is not noticed',
    CHAT_SYNC,
    "if (error.code === 'unknown-head') return fork(chat)",
    "if (error.code === 'unknown-head') return",
  ),
  plant(
    'erasure: the edits of what is deleted keep their words',
    ERASURES,
    "selectByKeys(engine, 'edits', ['rev'], ['chat_id', 'seq'], places),",
    '[],',
  ),
  plant(
    'erasure: the epoch goes on, with the words in its log',
    ERASURES,
    'if (ends) await startNextEpoch(session, context, chat)',
    'if (ends && quietly) await startNextEpoch(session, context, chat)',
  ),
  plant(
    'erasure: devices keep what the server has erased',
    'packages/engine/src/chats/scrub.ts',
    'if (since === upTo) return',
    'if (since === upTo || upTo > 0) return',
  ),
  plant(
    'a word that a closed epoch does not have is forgotten in place of going to the next',
    OPEN_CHAT,
    "return code === undefined && answer.closed ? { is: 'not-stored', document } : null",
    "return code === undefined && answer.closed ? { is: 'stored', code: null } : null",
  ),
  plant(
    'found by a seed: unread counts do not see the messages that come with a mark',
    CHAT_SYNC,
    '{ self, store, fresh: result.messages }',
    '{ self, store }',
  ),
  plant('found by a seed: an empty range breaks the disk', 'packages/engine/src/store/indexeddb-store.ts', '      if (from > to) return []\n', ''),
  plant(
    'found by a seed: a password given before the old token ends leaves the socket mute',
    'packages/engine/src/sync/live.ts',
    'if (session.needsPassword) return socket?.drop()',
    'if (session.needsPassword) return',
  ),
  plant('found by a seed: nobody sends the last words of a tab that died', 'packages/engine/src/leading.ts', '      await local.findUntold()\n', '', {
    file: 'packages/engine/src/profile.ts',
    find: 'if (leading) inBackground(local.findUntold(), ports)',
    put: '',
  }),
  plant('whoever types wears another’s name', 'sync-server/src/awareness-guard.ts', ' || !isTyping(state, user)) return false', ') return false'),
  plant(
    'found by a seed: two who find the disk closed open it twice',
    GUARDED_STORE,
    'if (lost) await (reopening ??= openAgain())\n        // Memory has taken over meanwhile.\n        if (failing) throw error\n',
    'if (lost) {\n inner = await open()\n lost = false\n }\n',
  ),
  plant(
    'found by a seed: a tab that slept while the device forgot everything goes on without a disk',
    'packages/engine/src/create-engine.ts',
    'if (isSame && !profile?.local.store.deleted) return',
    'if (isSame) return',
  ),
  plant(
    'found by a seed: a device that holds nothing of a lost past takes the chat for out of reach',
    'packages/engine/src/chats/heal.ts',
    'if (!isKnown && held.entries.length === 0) return null',
    'if (held.entries.length === 0) return null',
  ),
  plant(
    'found by a seed: room is made in a chat’s row as it stood before',
    'packages/engine/src/store/evict.ts',
    'without: (later) => ({ ...lighter(later, bytes), ranges: rangesAbove(later.ranges, last.seq) })',
    'without: () => ({ ...lighter(row, bytes), ranges: rangesAbove(row.ranges, last.seq) })',
    {
      file: 'packages/engine/src/store/evict.ts',
      find: 'without: (later) => ({ ...lighter(later, bytes), runStart })',
      put: 'without: () => ({ ...lighter(row, bytes), runStart })',
    },
  ),
  plant(
    'two people who are apart go on writing to each other',
    DECIDE,
    "if (chat.blocked === 1 && stored === undefined && operation.type !== 'delete') return 'blocked'",
    '',
  ),
]
