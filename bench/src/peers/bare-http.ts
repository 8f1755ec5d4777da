// The floor of HTTP: a bare Hono route, and a bare read and write of SQLite behind one, on the binding that Skein uses, as durable. Nobody is asked who they are.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const folder = mkdtempSync(join(tmpdir(), 'skein-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
process.on('SIGTERM', () => process.exit(0))
const database = new DatabaseSync(join(folder, 'messages.db'))
database.exec('pragma journal_mode = wal; pragma synchronous = full')
database.exec('create table messages (n integer primary key, body text not null)')
const insert = database.prepare('insert into messages (body) values (?)')
// As many and as long as a page of Skein's history.
const message = (n: number): object => ({ id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, seq: n, text: 'x'.repeat(320) })
for (let n = 1; n <= 1_000; n++) insert.run(JSON.stringify(message(n)))
const page = database.prepare('select body from messages order by n desc limit 50')
const fixed = { messages: Array.from({ length: 50 }, (_, n) => message(n)) }

const app = new Hono()
app.get('/bare', (c) => c.json(fixed))
app.get('/read', (c) => c.json({ messages: page.all().map((row) => JSON.parse(String(row['body'])) as object) }))
app.post('/write', async (c) => {
  insert.run(JSON.stringify(await c.req.json()))
  return c.json({}, 201)
})
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.stdout.write(`ready http://127.0.0.1:${port}\n`))
