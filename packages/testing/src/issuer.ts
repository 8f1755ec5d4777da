// Another issuer as a process of its own: publishes its key set at /jwks.json, and signs whatever claims it is asked to at POST /sign. SIGUSR2 gives it another key beside the old ones, and it says so.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { newSigningKey, publicKeys, signedBy } from './signing.ts'

let newest = newSigningKey()
const keys = [newest]
process.on('SIGUSR2', () => {
  newest = newSigningKey()
  keys.unshift(newest)
  process.stdout.write('another key\n')
})

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const part of request) text += String(part)
  return JSON.parse(text)
}

async function answerOf(request: IncomingMessage): Promise<unknown> {
  return request.url === '/sign' ? { token: signedBy(newest, await bodyOf(request)) } : publicKeys(keys)
}

const server = createServer((request, response) => {
  void answerOf(request).then((answer) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
