// What this device holds, in words.
import { msg } from '@lit/localize'
import type { StorageState } from '@skein/engine'
import { perLocale } from '../languages/language.ts'

const MEGABYTE = 1_000_000
const numbers = perLocale((tag) => new Intl.NumberFormat(tag, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 }))

/** "0 MB", "3.2 MB", "210 MB" */
export const bytesText = (bytes: number): string => numbers().format(bytes < 10 * MEGABYTE ? bytes / MEGABYTE : Math.round(bytes / MEGABYTE))

/** In percent of what may be held, 0 to 100. */
export const usedPercent = ({ usedBytes, budgetBytes }: StorageState): number =>
  budgetBytes > 0 ? Math.min(100, Math.round((usedBytes / budgetBytes) * 1_000) / 10) : 0

/** Whether it stays. */
export function keepingText({ persisted, failed }: StorageState): string {
  if (failed) return msg('Nothing can be saved on this device just now: everything is in memory alone, until you close the page.')
  if (persisted) return msg('Your browser keeps it until you delete it.')
  if (persisted === null) return msg('Your browser does not say whether it keeps it.')
  return msg('Your browser may clear it when this device runs out of room. Installing Skein makes that less likely.')
}
