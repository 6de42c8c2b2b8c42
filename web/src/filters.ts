// What the work list shows: one choice of each group, a sort order, and words to search for.
import { element } from './element'
import { say } from './words'
import type { Word } from './words'

export type SortKey = 'created' | 'name' | 'state'

interface Group {
  key: string
  label: Word
  values: Word[]
}

const groups: Group[] = [
  { key: 'verdict', label: 'verdict', values: ['pathology', 'uncertain', 'normal'] },
  { key: 'kind', label: 'kind', values: ['ct', 'xray'] },
  { key: 'trust', label: 'trust', values: ['good', 'usable', 'unfit'] },
  { key: 'state', label: 'state', values: ['running', 'queued', 'failed'] },
]

/** Days of the person's own clock, as the first and the last moment; empty for any. */
type Days = '' | 'today' | 'week' | `${number}-${number}-${number}`
const weekDays = 7

function moments(days: Days): Record<string, string> {
  if (days === '') return {}
  const first = days === 'today' || days === 'week' ? new Date() : new Date(`${days}T00:00`)
  first.setHours(0, 0, 0, 0)
  const last = new Date(first)
  last.setDate(last.getDate() + 1)
  if (days === 'week') first.setDate(first.getDate() - weekDays + 1)
  return { from: first.toISOString(), to: last.toISOString() }
}

export class Filters {
  private readonly chosen = new Map<string, string>()
  private search = ''
  private days: Days = ''
  private sort: SortKey = 'created'
  private descending = true
  private patience = 0

  constructor(private readonly changed: () => void) {}

  get asked(): boolean {
    return this.chosen.size > 0 || this.search !== '' || this.days !== ''
  }

  query(): Record<string, string> {
    return { ...Object.fromEntries(this.chosen), ...moments(this.days), q: this.search, sort: this.sort, order: this.descending ? 'desc' : 'asc' }
  }

  clear(): void {
    this.chosen.clear()
    this.search = ''
    this.days = ''
    this.changed()
  }

  leave(): void {
    clearTimeout(this.patience)
  }

  private toggle(key: string, value: string): void {
    if (this.chosen.get(key) === value) this.chosen.delete(key)
    else this.chosen.set(key, value)
    this.changed()
  }

  chips(): HTMLElement {
    const chip = (group: Group, value: Word) => element('button', {
      id: `chip-${group.key}-${value}`, class: 'chip', 'aria-pressed': String(this.chosen.get(group.key) === value),
      onclick: () => this.toggle(group.key, value),
    }, say(value))
    return element('div', { class: 'filters' },
      ...groups.map((group) => element('div', { class: 'group', role: 'group', 'aria-label': say(group.label) },
        element('span', { class: 'quiet' }, say(group.label)), ...group.values.map((value) => chip(group, value)))),
      this.dayGroup(), element('span', { class: 'gap' }), this.searchField())
  }

  private dayGroup(): HTMLElement {
    const choose = (days: Days) => { this.days = days; this.changed() }
    const chip = (days: 'today' | 'week') => element('button', {
      id: `chip-day-${days}`, class: 'chip', 'aria-pressed': String(this.days === days), onclick: () => choose(this.days === days ? '' : days),
    }, say(days))
    const field: HTMLInputElement = element('input', {
      id: 'day', type: 'date', class: 'chip', value: /\d/.test(this.days) ? this.days : '', 'aria-label': say('day'), title: say('dayHow'),
      onchange: () => choose(field.value as Days),
    })
    return element('div', { class: 'group', role: 'group', 'aria-label': say('day') },
      element('span', { class: 'quiet' }, say('day')), chip('today'), chip('week'), field)
  }

  private searchField(): HTMLElement {
    const field: HTMLInputElement = element('input', {
      id: 'search', type: 'search', value: this.search, placeholder: say('searchHint'), 'aria-label': say('search'),
      oninput: () => {
        clearTimeout(this.patience)
        this.patience = window.setTimeout(() => { this.search = field.value; this.changed() }, 200)
      },
    })
    return element('div', { class: 'search' }, field)
  }

  /** A column's head; one that can be sorted by is a button. */
  head(word: Word, key: SortKey | null): HTMLElement {
    if (!key) return element('th', { scope: 'col' }, say(word))
    const own = this.sort === key
    const order = own ? (this.descending ? 'descending' : 'ascending') : 'none'
    return element('th', { scope: 'col', 'aria-sort': order }, element('button', {
      id: `sort-${key}`, class: 'sort',
      onclick: () => {
        this.descending = own ? !this.descending : key === 'created'
        this.sort = key
        this.changed()
      },
    }, `${say(word)}${own ? (this.descending ? ' ↓' : ' ↑') : ''}`))
  }
}
