// `npm run dev`: the server, restarted when one of its sources changes, behind Vite with hot reload for the client. Open the link that it prints.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createServer } from 'vite'
import { root } from './sources.mjs'

const host = process.env.HOST ?? '127.0.0.1'
const port = Number(process.env.PORT ?? 8787)
const serverPort = port + 1
const target = `http://${host}:${serverPort}`

const watched = globSync(['{packages/{protocol,storage,auth},api,sync-server,server}/src'], { cwd: root })
const server = spawn(
  process.execPath,
  [...watched.map((path) => `--watch-path=${join(root, path)}`), '--watch-preserve-output', join(root, 'server', 'src', 'main.ts')],
  { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, HOST: host, PORT: String(serverPort) } },
)

// The server's own address is not the one to open.
createInterface({ input: server.stdout }).on('line', (line) => {
  console.log(line.startsWith('Open ') ? `Open http://${host}:${port} (hot reload; the server alone is at ${target})` : line)
})

const vite = await createServer({
  root: join(root, 'client'),
  configFile: join(root, 'client', 'vite.config.ts'),
  server: {
    host,
    port,
    strictPort: true,
    proxy: Object.fromEntries(['/api', '/health', '/.well-known', '/sync'].map((path) => [path, { target, ws: path === '/sync' }])),
  },
})
await vite.listen()

// The end of the server ends the rest; one that was asked for is no failure.
let asked = false
const stop = () => {
  asked = true
  server.kill('SIGTERM')
}
process.on('SIGINT', stop).on('SIGTERM', stop)
server.once('exit', (code) => {
  process.exitCode = asked ? 0 : (code ?? 1)
  void vite.close()
})
