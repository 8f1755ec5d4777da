// Two pictures out of a result, each where its row was measured: what a delivery costs against members, and what joining costs against history. Plain SVG, legible on light and dark pages.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Result } from './row.ts'

interface Line {
  name: string
  points: [x: number, y: number][]
}

const WIDTH = 640
const HEIGHT = 300
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 150, 34, 44]
const colors = ['#6b7280', '#d97706', '#7c3aed', '#059669', '#2563eb']

export function writePictures(folder: string, results: Record<string, Result>): void {
  mkdirSync(folder, { recursive: true })
  const members = linesOf(results['member-cost'], /^(.*), (\d+) members$/)
  if (members.length > 0) {
    writeFileSync(join(folder, 'cost-by-members.svg'), chart('Server CPU a delivery against members (µs, 40 messages/s)', 'members', members))
  }
  const history = linesOf(results['long-history'], /^()(\d+) messages$/)
  const relative = history.map(({ name, points }) => ({ name, points: points.map(([x, y]): [number, number] => [x, y / (points[0]?.[1] ?? 1)]) }))
  if (relative.length > 0) {
    writeFileSync(
      join(folder, 'cost-by-history.svg'),
      chart('Joining a chat against its history (× a chat of 100 messages)', 'messages stored', relative),
    )
  }
}

/** Figures whose names hold the line's name and x; the unit tells lines of one name apart. */
function linesOf(result: Result | undefined, pattern: RegExp): Line[] {
  const lines = new Map<string, Line>()
  for (const { who, value, unit } of result?.figures ?? []) {
    const [, name = '', x] = pattern.exec(who) ?? []
    if (x === undefined) continue
    const key = name || unit
    const line = lines.get(key) ?? { name: key, points: [] }
    line.points.push([Number(x), value])
    lines.set(key, line)
  }
  return [...lines.values()]
}

function chart(title: string, axis: string, lines: Line[]): string {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b)
  const highest = Math.max(1, ...lines.flatMap(({ points }) => points.map(([, y]) => y))) * 1.1
  const [first = 1, last = 1] = [xs[0], xs.at(-1)]
  const xOf = (x: number): number => LEFT + ((Math.log(x) - Math.log(first)) / (Math.log(last) - Math.log(first) || 1)) * (WIDTH - LEFT - RIGHT)
  const yOf = (y: number): number => HEIGHT - BOTTOM - (y / highest) * (HEIGHT - TOP - BOTTOM)
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => part * highest)
  const round = (value: number): string => (value >= 10 ? value.toFixed(0) : value.toFixed(1))
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#6b7280">`,
    `<text x="${LEFT}" y="20" font-size="14">${title}</text>`,
    ...ticks.map(
      (y) =>
        `<path d="M${LEFT} ${yOf(y).toFixed(1)}H${WIDTH - RIGHT}" stroke="#9ca3af" stroke-opacity=".4"/><text x="${LEFT - 8}" y="${(yOf(y) + 4).toFixed(1)}" text-anchor="end">${round(y)}</text>`,
    ),
    ...xs.map((x) => `<text x="${xOf(x).toFixed(1)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${x}</text>`),
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${axis}</text>`,
    ...lines.flatMap(({ name, points }, i) => {
      const color = colors[i % colors.length] ?? ''
      const path = points.map(([x, y], n) => `${n ? 'L' : 'M'}${xOf(x).toFixed(1)} ${yOf(y).toFixed(1)}`).join('')
      return [
        `<path d="${path}" fill="none" stroke="${color}" stroke-width="2"/>`,
        `<text x="${WIDTH - RIGHT + 12}" y="${TOP + 14 + i * 18}" fill="${color}">${name}</text>`,
      ]
    }),
    '</svg>',
  ]
  return `${parts.join('\n')}\n`
}
