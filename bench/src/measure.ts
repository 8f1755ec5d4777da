// Two measurements of one server under the load of rooms.ts: at a steady rate (latency, CPU for each delivery), and at full speed (deliveries a second).
import type { ServerProcess } from './process.ts'
import type { Member } from './rooms.ts'

export interface Figures {
  deliveriesPerSecond: number
  p50Ms: number
  p99Ms: number
  cpuMicrosPerDelivery: number
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function quantile(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN
}

/** @param perSecond messages a second over all rooms */
async function steady(members: Member[], server: ServerProcess, perSecond: number, seconds: number) {
  const latencies: number[] = []
  for (const member of members) member.onDelivery = (ms) => void latencies.push(ms)
  const cpu = server.cpuMs()
  const start = performance.now()
  for (let sentCount = 0; sentCount < perSecond * seconds;) {
    const due = Math.min(perSecond * seconds, ((performance.now() - start) / 1000) * perSecond)
    for (; sentCount < due; sentCount++) members[sentCount % members.length]?.send()
    await wait(4)
  }
  for (let i = 0; i < 100 && latencies.length < perSecond * seconds; i++) await wait(20)
  if (latencies.length < perSecond * seconds) throw new Error(`only ${latencies.length} of ${perSecond * seconds} messages arrived`)
  const used = server.cpuMs() - cpu
  latencies.sort((a, b) => a - b)
  return { p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99), cpuMicrosPerDelivery: (used * 1000) / latencies.length }
}

/** Every member keeps `inFlight` messages on the way. */
async function fullSpeed(members: Member[], inFlight: number, seconds: number): Promise<number> {
  let deliveries = 0
  let running = true
  for (const member of members) {
    member.onDelivery = () => void deliveries++
    member.onTaken = () => {
      if (running) setImmediate(() => member.send())
    }
  }
  for (const member of members) for (let i = 0; i < inFlight; i++) member.send()
  await wait(1000) // warm
  const [from, start] = [deliveries, performance.now()]
  await wait(seconds * 1000)
  const perSecond = (deliveries - from) / ((performance.now() - start) / 1000)
  running = false
  for (const member of members) member.onTaken = () => undefined
  await wait(500)
  return perSecond
}

export async function measure(members: Member[], server: ServerProcess): Promise<Figures> {
  await steady(members, server, 200, 1) // warm
  const rate = await steady(members, server, 200, 5)
  const deliveriesPerSecond = await fullSpeed(members, 1, 4)
  for (const member of members) member.close()
  return { deliveriesPerSecond, ...rate }
}
