// Another issuer as a process of its own: publishes its key set at /jwks.json, and signs whatever claims it is asked to at POST /sign. SIGUSR2 gives it another key beside the old ones.
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Pair {
  privateKey: KeyObject
  publicKey: KeyObject
  kid: string
}

function newPair(): Pair {
  const pair = generateKeyPairSync('ed25519')
  const { x = '' } = pair.publicKey.export({ format: 'jwk' })
  return { ...pair, kid: createHash('sha256').update(x).digest('base64url') }
}
const pairs = [newPair()]
process.on('SIGUSR2', () => pairs.unshift(newPair()))

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
function signed(claims: unknown): string {
  const [newest] = pairs
  if (!newest) throw new Error('No key')
  const head = `${encoded({ alg: 'EdDSA', typ: 'JWT', kid: newest.kid })}.${encoded(claims)}`
  return `${head}.${sign(null, Buffer.from(head), newest.privateKey).toString('base64url')}`
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const part of request) text += String(part)
  return JSON.parse(text)
}

async function answerOf(request: IncomingMessage): Promise<unknown> {
  if (request.url === '/sign') return { token: signed(await bodyOf(request)) }
  return { keys: pairs.map(({ publicKey, kid }) => ({ ...publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' })) }
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
