// What can be done with a chat as a whole, in words: its menu, how long it may be muted, and how much of it is on this device.
import { msg, str } from '@lit/localize'
import type { ChatItem, OfflineState } from '@skein/engine'
import { locale, perLocale } from '../languages/language.ts'
import { isMuted } from './lists.ts'
import { clockTime, dayText, daysBetween } from './times.ts'

const HOUR_MS = 3_600_000
/** As far ahead as the server's times go. */
export const ALWAYS = Date.UTC(9999, 11, 31)

export type ChatAction =
  | 'info'
  | 'mute'
  | 'unmute'
  | 'pin'
  | 'unpin'
  | 'read'
  | 'unread'
  | 'archive'
  | 'unarchive'
  | 'keep'
  | 'unkeep'
  | 'block'
  | 'unblock'
  | 'report'
  | 'leave'

export interface ActionEntry {
  action: ChatAction
  label: string
  /** A second line: what is so now. */
  detail?: string
  danger?: boolean
}

/** "Muted", or until when. */
export function mutedText({ mutedUntil }: Pick<ChatItem, 'mutedUntil'>, now: number): string {
  if (mutedUntil === null || mutedUntil <= now) return ''
  // Nobody counts the days of a mute that outlives them.
  if (mutedUntil - now > 366 * 24 * HOUR_MS) return msg('Muted')
  const days = daysBetween(now, mutedUntil)
  if (days === 0) return msg(str`Muted until ${clockTime(mutedUntil)}`)
  return days === 1 ? msg(str`Muted until tomorrow at ${clockTime(mutedUntil)}`) : msg(str`Muted until ${dayText(mutedUntil)}`)
}

export const mutes = (): readonly { label: string; until(now: number): number }[] => [
  { label: msg('For 1 hour'), until: (now) => now + HOUR_MS },
  { label: msg('For 8 hours'), until: (now) => now + 8 * HOUR_MS },
  { label: msg('For 1 week'), until: (now) => now + 7 * 24 * HOUR_MS },
  { label: msg('Always'), until: () => ALWAYS },
]

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const
/** 0 byte, 12 kB, 3.4 MB */
export function sizeText(bytes: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  const value = bytes / 1000 ** power
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: units[power] ?? 'byte',
    maximumFractionDigits: value < 10 && power > 0 ? 1 : 0,
  }).format(value)
}

const percent = perLocale((tag) => new Intl.NumberFormat(tag, { style: 'percent', roundingMode: 'floor' } as Intl.NumberFormatOptions))

/** How much of the chat is kept on this device; empty while nothing was asked for. */
export function offlineText({ state, held, total, bytes }: OfflineState): string {
  if (state === 'off') return ''
  if (state === 'loading') return msg(str`Loading: ${percent().format(held / Math.max(1, total))}, ${sizeText(bytes)}`)
  if (state === 'over-budget') return msg(str`Not enough room on this device: ${percent().format(held / Math.max(1, total))} is here.`)
  return msg(str`All of it is on this device, ${sizeText(bytes)}.`)
}

/** The chat's menu. `blocked`: the other person of a direct chat is. */
export function actionsOf(chat: ChatItem, { blocked, now }: { blocked: boolean; now: number }): ActionEntry[] {
  const group = chat.kind === 'group'
  const entries: ActionEntry[] = [{ action: 'info', label: group ? msg('Group info') : msg('Contact info') }]
  if (!chat.removed) {
    if (isMuted(chat, now)) entries.push({ action: 'unmute', label: msg('Unmute'), detail: mutedText(chat, now) })
    else entries.push({ action: 'mute', label: msg('Mute') })
    if (chat.unread > 0 || chat.markedUnread) entries.push({ action: 'read', label: msg('Mark as read') })
    else if ((chat.lastMessage?.seq ?? 0) > 0) entries.push({ action: 'unread', label: msg('Mark as unread') })
    entries.push(chat.pinned ? { action: 'unpin', label: msg('Unpin') } : { action: 'pin', label: msg('Pin') })
  }
  entries.push(chat.archived ? { action: 'unarchive', label: msg('Unarchive') } : { action: 'archive', label: msg('Archive') })
  if (chat.offline.state !== 'off') entries.push({ action: 'unkeep', label: msg('Stop keeping offline'), detail: offlineText(chat.offline) })
  else if (!chat.removed) entries.push({ action: 'keep', label: msg('Keep offline') })
  if (!group && chat.peer !== null) {
    entries.push({ action: 'report', label: msg('Report'), danger: true })
    entries.push(blocked ? { action: 'unblock', label: msg('Unblock') } : { action: 'block', label: msg('Block'), danger: true })
  }
  if (group && !chat.removed) entries.push({ action: 'leave', label: msg('Leave group'), danger: true })
  return entries
}
