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

export class Filters {
  private readonly chosen = new Map<string, string>()
  private search = ''
  private sort: SortKey = 'created'
  private descending = true
  private patience = 0

  constructor(private readonly changed: () => void) {}

  get asked(): boolean {
    return this.chosen.size > 0 || this.search !== ''
  }

  query(): Record<string, string> {
    return { ...Object.fromEntries(this.chosen), q: this.search, sort: this.sort, order: this.descending ? 'desc' : 'asc' }
  }

  clear(): void {
    this.chosen.clear()
    this.search = ''
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
      element('span', { class: 'gap' }), this.searchField())
  }

  private searchField(): HTMLElement {
    const field = element('input', {
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
