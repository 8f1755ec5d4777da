// `npm run lighthouse`: the built app as a phone has it, judged by Lighthouse, without anybody logged in and in a conversation. Ends with 1 where a score is
// under 95. Performance depends on how busy the machine is; the rest does not.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:net'
import { chromium } from 'playwright-core'
import { root } from './sources.mjs'

/** Not among the dependencies: with what it brings along it weighs 176 MB, and nothing but this needs it. */
const VERSION = '13.5.0'
const LEAST = 95
const CATEGORIES = ['performance', 'accessibility', 'best-practices']

const folder = join(root, '.tmp', 'lighthouse')
const installed = join(folder, 'node_modules', 'lighthouse')
if (!existsSync(installed) || JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).version !== VERSION) {
  console.log(`Installing Lighthouse ${VERSION} into .tmp/lighthouse…`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const { status } = spawnSync(
    'npm',
    ['install', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error', `lighthouse@${VERSION}`],
    {
      cwd: folder,
      stdio: 'inherit',
    },
  )
  if (status !== 0) process.exit(1)
}
const { default: lighthouse } = await import(join(installed, 'core', 'index.js'))

async function freePort() {
  const probe = createServer()
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** The address of a server on a database with the demo's people. */
async function startServer(data) {
  const { PATH, HOME } = process.env
  const server = spawn(process.execPath, [join(root, 'server/src/main.ts')], { cwd: root, env: { PATH, HOME, PORT: '0', DATA_DIR: data } })
  let said = ''
  const origin = await new Promise((resolve, reject) => {
    server.once('exit', () => reject(new Error(`The server ended: ${said}`)))
    for (const stream of [server.stdout, server.stderr])
      stream.on('data', (text) => {
        said += text
        const ready = /^ready (http:\S+)$/m.exec(said)
        if (ready) resolve(ready[1])
      })
  })
  return { server, origin }
}

/** In this browser Ada is logged in from now on; the address of her chat. */
async function logIn(browser, origin) {
  const page = await browser.newPage()
  await page.goto(origin)
  await page.getByLabel('Email').fill('ada@example.org')
  await page.getByLabel('Password').fill('ada-tries-skein')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('button', { name: /^Ben/ }).first().click()
  await page.getByRole('article').first().waitFor()
  const address = page.url()
  await page.close()
  return address
}

const data = mkdtempSync(join(tmpdir(), 'skein-lighthouse-'))
const port = await freePort()
const { server, origin } = await startServer(join(data, 'data'))
const browser = await chromium.launchPersistentContext(join(data, 'profile'), {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [`--remote-debugging-port=${port}`, '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
})
let failed = false
try {
  const places = [
    { name: 'logging in', addressOf: async () => origin },
    { name: 'a conversation', addressOf: () => logIn(browser, origin) },
  ]
  for (const { name, addressOf } of places) {
    const address = await addressOf()
    const { lhr } = await lighthouse(address, { port, logLevel: 'error', onlyCategories: CATEGORIES, disableStorageReset: true })
    if (lhr.runtimeError) throw new Error(lhr.runtimeError.message)
    for (const category of CATEGORIES) {
      const { title, score, auditRefs } = lhr.categories[category]
      const points = Math.round((score ?? 0) * 100)
      failed ||= points < LEAST
      console.log(`${points < LEAST ? '✗' : '✓'} ${name}: ${title} ${points}`)
      for (const { id, weight } of auditRefs) {
        const audit = lhr.audits[id]
        if (weight === 0 || audit.score === null || audit.score >= 0.9) continue
        console.log(`    ${audit.title}${audit.displayValue ? `: ${audit.displayValue}` : ''}`)
        for (const { node } of audit.details?.items ?? []) if (node) console.log(`      ${node.snippet}`)
      }
    }
  }
} finally {
  await browser.close()
  server.kill('SIGTERM')
  await new Promise((resolve) => server.once('exit', resolve))
  rmSync(data, { recursive: true, force: true })
}
process.exitCode = failed ? 1 : 0
