// The network between one device and the server, as a relay on a port of its own: cut, reset, silent though open, slow, or leading to another node.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Proxy extends AsyncDisposable {
  readonly origin: string
  /** Leads to that port from now on; what is open is reset. */
  route(port: number): void
  /** Ends what is open and takes nothing new. */
  cut(): void
  /** Everything stays open, and nothing passes. */
  hold(): void
  /** Each direction of each connection passes so many bytes a second, so much later. */
  slow(bytesPerSecond: number, latencyMs: number): void
  /** RST on everything that is open. */
  reset(): void
  /** As if nothing had been; what was held passes now. */
  mend(): void
}

export async function openProxy(port: number): Promise<Proxy> {
  let target = port
  let cut = false
  let shape: { bytesPerSecond: number; latencyMs: number } | null = null
  let held: { passes: Promise<void>; release: () => void } | null = null
  const open = new Set<Socket>()

  async function pump(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        if (shape) await sleep(shape.latencyMs + (chunk.length / shape.bytesPerSecond) * 1_000)
        while (held) await held.passes
        if (!to.write(chunk)) await once(to, 'drain')
      }
      to.end()
    } catch {
      to.destroy()
    }
  }
  const server = createServer({ noDelay: true }, (near) => {
    near.on('error', () => {})
    if (cut) return void near.destroy()
    const far = connect({ port: target, host: '127.0.0.1', noDelay: true })
    for (const [a, b] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(a)
      a.on('error', () => b.destroy())
      a.on('close', () => {
        open.delete(a)
        b.destroy()
      })
      void pump(a, b)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const reset = (): void => {
    for (const socket of open) socket.resetAndDestroy()
  }
  const mend = (): void => {
    cut = false
    shape = null
    held?.release()
    held = null
  }
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    route: (next) => {
      if (next === target) return
      target = next
      reset()
    },
    cut: () => {
      cut = true
      for (const socket of open) socket.destroy()
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      held ??= { passes: promise, release: resolve }
    },
    slow: (bytesPerSecond, latencyMs) => {
      shape = { bytesPerSecond, latencyMs }
    },
    reset,
    mend,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      mend()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
