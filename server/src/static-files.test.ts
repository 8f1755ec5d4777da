import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStaticFiles } from './static-files.ts'

let folder: string
let ask: (path: string, init?: RequestInit) => Promise<Response>

beforeAll(async () => {
  const outer = await mkdtemp(join(tmpdir(), 'skein-static-'))
  folder = join(outer, 'dist')
  await mkdir(join(folder, 'assets'), { recursive: true })
  await writeFile(join(outer, 'secret.txt'), 'secret')
  await writeFile(join(folder, 'index.html'), '<!doctype html>page')
  await writeFile(join(folder, 'index.html.gz'), 'page, by gzip')
  await writeFile(join(folder, 'index.html.br'), 'page, by Brotli')
  await writeFile(join(folder, 'service-worker.js'), 'worker')
  await writeFile(join(folder, '.builds.json'), 'secret')
  await writeFile(join(folder, 'assets', 'app-1a2b3c.js'), 'app')
  const files = createStaticFiles(folder)
  ask = (path, init) => files(new Request(`http://localhost${path}`, init))
})
afterAll(() => rm(join(folder, '..'), { recursive: true }))

test('hashed files are kept for ever, the page and the worker are asked for again', async () => {
  const asset = await ask('/assets/app-1a2b3c.js')
  expect([asset.status, await asset.text()]).toEqual([200, 'app'])
  expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  for (const path of ['/', '/index.html', '/service-worker.js']) expect((await ask(path)).headers.get('cache-control')).toBe('no-cache')
})

test('what is unchanged is not sent again; HEAD sends no body', async () => {
  const etag = (await ask('/')).headers.get('etag') ?? ''
  const again = await ask('/', { headers: { 'if-none-match': etag } })
  expect([again.status, await again.text()]).toEqual([304, ''])
  const head = await ask('/service-worker.js', { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '6', ''])
})

test('who takes packed files gets them, the smaller first, each under a name of its own for caches', async () => {
  const tags = new Set<string | null>()
  for (const [accepted, coding, body] of [
    ['gzip, deflate, br, zstd', 'br', 'page, by Brotli'],
    ['gzip', 'gzip', 'page, by gzip'],
    ['br;q=0, GZIP;q=0.5', 'gzip', 'page, by gzip'],
    ['identity', null, '<!doctype html>page'],
    ['', null, '<!doctype html>page'],
  ] as const) {
    const page = await ask('/chats/abc', { headers: { 'accept-encoding': accepted } })
    const { headers } = page
    expect([headers.get('content-encoding'), headers.get('content-type'), headers.get('vary'), headers.get('content-length')]).toEqual([
      coding,
      'text/html; charset=utf-8',
      'Accept-Encoding',
      String(body.length),
    ])
    expect(await page.text()).toBe(body)
    const etag = headers.get('etag') ?? ''
    expect((await ask('/', { headers: { 'accept-encoding': accepted, 'if-none-match': etag } })).status).toBe(304)
    tags.add(etag)
  }
  expect(tags.size).toBe(3)
  const worker = await ask('/service-worker.js', { headers: { 'accept-encoding': 'br' } })
  expect([worker.headers.get('content-encoding'), worker.headers.get('vary'), await worker.text()]).toEqual([null, null, 'worker'])
})

test('the page stands at every path without an extension, and at no other', async () => {
  for (const path of ['/', '/chats/abc', '/a%20b']) {
    const page = await ask(path)
    expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([200, 'text/html; charset=utf-8', '<!doctype html>page'])
  }
  for (const path of ['/assets/gone-123.js', '/favicon.ico']) expect((await ask(path)).status).toBe(404)
  expect((await ask('/', { method: 'POST' })).status).toBe(404)
})

test('nothing outside the folder, nothing hidden', async () => {
  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/.builds.json',
    '/%2ebuilds.json',
    '/a%00.js',
    '/..%5csecret.txt',
    '/%ff.js',
  ]) {
    const answer = await ask(path)
    expect([path, answer.status, (await answer.text()).includes('secret')]).toEqual([path, 404, false])
  }
})

test('says so when the client is not built', async () => {
  const answer = await createStaticFiles(join(folder, 'nowhere'))(new Request('http://localhost/'))
  expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('not built')])
})
