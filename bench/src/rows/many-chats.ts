// The server's memory with 100,000 chats stored against 500, with 500 of them open; and plain Hocuspocus with 500 open.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fill, startPeer, type Peer } from '../peers.ts'
import { atMost, type Row } from '../row.ts'

const ROOMS = 500
const STORED = 100_000

export const manyChats: Row = {
  name: 'many-chats',
  what: '100,000 chats stored against 500, 500 of them open: server memory',
  async run() {
    const few = await memoryOf(() => startPeer('skein', ROOMS, 1))
    const many = await memoryOf(() => startPeer('skein', ROOMS, 1, (folder) => copyChats(folder, STORED)))
    const plain = await memoryOf(() => startPeer('hocuspocus', ROOMS, 1))
    const mb = (bytes: number): number => bytes / 1024 / 1024
    return {
      figures: [
        { who: `Skein, ${ROOMS} stored`, value: mb(few.open), unit: 'MB', ratio: null },
        { who: `Skein, ${STORED} stored`, value: mb(many.open), unit: 'MB', ratio: many.open / few.open },
        { who: 'plain Hocuspocus', value: mb(plain.open), unit: 'MB', ratio: plain.open / few.open },
        { who: 'Skein, for each open chat', value: few.each / 1024, unit: 'KB', ratio: null },
        { who: 'plain Hocuspocus, for each open chat', value: plain.each / 1024, unit: 'KB', ratio: plain.each / few.each },
      ],
      goals: [
        atMost(`${STORED} stored against ${ROOMS}`, many.open / few.open, 1.1),
        atMost('for each open chat, × plain Hocuspocus', few.each / plain.each, 1),
      ],
    }
  },
}

async function memoryOf(start: () => Promise<Peer>): Promise<{ open: number; each: number }> {
  await using peer = await start()
  const { used: before } = await peer.server.memory()
  const traffic = await fill(peer, ROOMS, 1)
  const { used } = await peer.server.memory()
  traffic.close()
  return { open: used, each: (used - before) / ROOMS }
}

/** So many copies of the first chat's rows, under ids of their own. */
function copyChats(folder: string, count: number): void {
  const database = new DatabaseSync(join(folder, 'skein.db'))
  const columnsOf = (table: string): string[] =>
    database
      .prepare(`pragma table_info(${table})`)
      .all()
      .map((column) => String(column['name']))
  const first = String(database.prepare('select id from chats limit 1').get()?.['id'])
  database.exec('begin')
  for (const [table, key] of [
    ['chats', 'id'],
    ['epochs', 'chat_id'],
    ['chat_members', 'chat_id'],
    ['operations', 'chat_id'],
  ] as const) {
    const others = columnsOf(table).filter((name) => name !== key)
    const numbers = `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})`
    const columns = others.map((name) => `t.${name}`).join(', ')
    database.exec(
      `insert into ${table} (${key}, ${others.join(', ')}) ${numbers} select printf('%026d', n.i), ${columns} from n, ${table} t where t.${key} = '${first}'`,
    )
  }
  database.exec('commit')
  database.close()
}
