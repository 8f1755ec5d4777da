// The result as a table of ratios.
import { isReached, type Figure, type Goal, type Result, type Row } from './row.ts'

const digits = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2))

const figureLine = ({ who, value, unit, ratio }: Figure): string =>
  `  ${who.padEnd(46)}${`${digits(value)} ${unit}`.padStart(28)}${ratio === null ? '' : `   × ${digits(ratio)}`}`

const goalLine = (goal: Goal): string =>
  `  ${isReached(goal) ? 'reached    ' : 'not reached'}  ${goal.what}: ${digits(goal.value)} (${goal.atMost ? 'at most' : 'at least'} ${digits(goal.bound)})`

export const tableOf = ({ what, name }: Row, { figures, goals }: Result): string =>
  [`\n${what}  [${name}]`, ...figures.map(figureLine), ...goals.map(goalLine)].join('\n')
