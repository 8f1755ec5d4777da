// A network between a client and a server that can be cut: a relay on a port of its own.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface CutNetwork extends AsyncDisposable {
  /** The server, seen through this network. */
  readonly url: string
  /** That went through so far, both ways. */
  readonly bytes: number
  /** Ends all connections and takes no new one. */
  cut(): void
  mend(): void
}

/** Stands between somebody and the server at `target`. */
export async function openCutNetwork(target: string): Promise<CutNetwork> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  let cut = false
  let bytes = 0
  const server = createServer((near) => {
    if (cut) {
      near.destroy()
      return
    }
    const far = connect(Number(port), hostname)
    for (const [a, b] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(a)
      a.pipe(b)
      a.on('data', (chunk) => (bytes += chunk.length))
      a.on('error', () => b.destroy())
      a.on('close', () => {
        open.delete(a)
        b.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const end = (): void => {
    for (const socket of open) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get bytes() {
      return bytes
    },
    cut: () => {
      cut = true
      end()
    },
    mend: () => {
      cut = false
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      end()
      await closed
    },
  }
}
