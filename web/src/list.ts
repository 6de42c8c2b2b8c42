// The work list: studies come in by dropping them, and their rows follow the work as it goes.
import { change, remove, studies, study } from './api'
import type { Job, Language, Study } from './api'
import { Drop } from './drop'
import { element } from './element'
import { Filters } from './filters'
import type { SortKey } from './filters'
import { message } from './message'
import { row } from './row'
import { may } from './session'
import { say } from './words'
import type { Word } from './words'
import type { View } from './view'

const pageSize = 50
const mostShown = 1000
const columns: [Word, SortKey | null][] = [['when', 'created'], ['study', 'name'], ['kind', null], ['verdict', null],
  ['severe', null], ['trust', null], ['state', 'state'], ['actions', null]]

export class WorkList implements View {
  readonly element = element('main', { id: 'main' })
  readonly title = 'Thorax'
  private shown = pageSize
  private total = 0
  private list: Study[] | null = null
  private readonly selected = new Set<string>()
  private readonly filters = new Filters(() => { this.build(); void this.load() })
  private readonly body = element('tbody')
  private readonly note = element('div', { class: 'note' })
  private readonly more = element('button', { onclick: () => { this.shown += pageSize; void this.load() } })
  private readonly lost = element('div', { role: 'status', 'aria-live': 'polite' })
  private readonly messages = element('div', { role: 'status', 'aria-live': 'polite' })
  private loading = false
  private again = false
  private heard: Job[] = []
  private readonly selection = element('div', { class: 'selection' })
  private readonly all: HTMLInputElement = element('input', { type: 'checkbox', onchange: () => this.selectAll(this.all.checked) })
  private readonly drop = new Drop()
  private readonly hands = {
    cancel: (job: Job) => this.act(() => change(job.id, 'cancel')),
    retry: (job: Job) => this.act(() => change(job.id, 'retry')),
    remove: (one: Study) => this.act(async () => {
      if (confirm(say('sure'))) await remove(one.id)
    }),
    selected: (one: Study) => this.selected.has(one.id),
    select: (one: Study, on: boolean) => {
      if (on) this.selected.add(one.id)
      else this.selected.delete(one.id)
      this.showSelection()
    },
  }

  constructor(private language: Language) {
    this.build()
    void this.load()
  }

  leave(): void {
    this.filters.leave()
  }

  relabel(language: Language): void {
    this.language = language
    this.build()
  }

  key(event: KeyboardEvent): boolean {
    if (event.key !== '/' && event.key !== '.') return false
    document.getElementById('search')?.focus()
    return true
  }

  hear(job: Job | null): void {
    if (!job) return void this.load()
    if (this.loading) this.heard.push(job)
    void this.follow(job)
  }

  private async attempt(where: HTMLElement, work: () => Promise<void>): Promise<void> {
    try {
      await work()
      where.replaceChildren()
    } catch (error) {
      where.replaceChildren(message(error))
    }
  }

  /** What a person asked for: what went wrong with it is shown until the next thing asked for. */
  private act(work: () => Promise<void>): Promise<void> {
    return this.attempt(this.messages, work)
  }

  /** One request at a time: an answer that comes late must not replace a newer one. */
  private async load(): Promise<void> {
    this.again = true
    if (this.loading) return
    this.loading = true
    while (this.again) {
      this.again = false
      await this.attempt(this.lost, () => this.loadOnce())
    }
    this.loading = false
    // The answer may be older than what was told on the way.
    for (const job of this.heard.splice(0)) if (this.listed(job.study_id)) void this.follow(job)
  }

  private async loadOnce(): Promise<void> {
    const query = this.query()
    const page = await studies(query)
    // Others are asked for by now.
    if (JSON.stringify(query) !== JSON.stringify(this.query())) return
    this.list = page.studies
    this.total = page.total
    const there = new Set(page.studies.map((one) => one.id))
    for (const id of this.selected) if (!there.has(id)) this.selected.delete(id)
    this.draw()
  }

  private query(): Record<string, string> {
    return { ...this.filters.query(), limit: String(Math.min(this.shown, mostShown)) }
  }

  private listed(id: string): Study | undefined {
    return this.list?.find((one) => one.id === id)
  }

  /** One row again: its job went on. */
  private async follow(job: Job): Promise<void> {
    const known = this.listed(job.study_id)
    if (!known) return this.load()
    const ended = job.finished_at !== null && known.job.finished_at === null
    known.job = job
    if (!ended) return this.redraw(known)
    await this.attempt(this.lost, async () => {
      const news = await study(known.id)
      // The list may have been loaded again meanwhile.
      this.redraw(Object.assign(this.listed(news.id) ?? known, news))
    })
  }

  private redraw(one: Study): void {
    document.getElementById(`study-${one.id}`)?.replaceWith(row(one, this.language, this.hands))
  }

  private draw(): void {
    this.body.replaceChildren(...(this.list ?? []).map((one) => row(one, this.language, this.hands)))
    this.note.hidden = this.list !== null && this.list.length > 0
    this.note.replaceChildren(element('p', {}, say(this.list === null ? 'loading' : this.filters.asked ? 'none' : may('upload') ? 'empty' : 'emptyToReader')),
      ...(this.list !== null && this.filters.asked ? [element('button', { onclick: () => this.filters.clear() }, say('clear'))] : []))
    this.more.hidden = this.list === null || this.list.length >= this.total
    this.showSelection()
  }

  private selectAll(on: boolean): void {
    this.selected.clear()
    if (on) for (const one of this.list ?? []) this.selected.add(one.id)
    this.draw()
  }

  private chosen(): Study[] {
    return (this.list ?? []).filter((one) => this.selected.has(one.id))
  }

  private showSelection(): void {
    const chosen = this.chosen()
    this.all.checked = chosen.length > 0 && chosen.length === this.list?.length
    this.all.indeterminate = chosen.length > 0 && !this.all.checked
    this.selection.hidden = chosen.length === 0
    const ended = chosen.filter((one) => one.job.state === 'failed' || one.job.state === 'cancelled')
    this.selection.replaceChildren(element('span', {}, `${say('chosen')}: ${chosen.length}`),
      element('a', { class: 'button', download: 'thorax.xlsx', href: `/api/v1/table.xlsx?ids=${chosen.map((one) => one.id).join(',')}` }, 'XLSX'),
      ...(ended.length > 0 && may('upload') ? [element('button', { onclick: () => this.forEach(ended, (one) => change(one.job.id, 'retry')) }, `${say('retry')} (${ended.length})`)] : []),
      ...(may('remove') ? [element('button', { onclick: () => this.removeAll(chosen) }, say('remove'))] : []),
      element('button', { onclick: () => this.selectAll(false) }, say('chooseNone')))
  }

  private forEach(of: Study[], work: (one: Study) => Promise<void>): void {
    void this.act(async () => { for (const one of of) await work(one) })
  }

  private removeAll(of: Study[]): void {
    if (confirm(`${say('sureMany')} ${of.length}`)) this.forEach(of.filter((one) => one.job.state !== 'running'), (one) => remove(one.id))
  }

  private build(): void {
    const focused = document.activeElement?.id
    this.more.textContent = say('more')
    this.all.setAttribute('aria-label', say('chooseAll'))
    const head = element('tr', {}, element('th', { scope: 'col', class: 'pick' }, this.all),
      ...columns.map(([word, key]) => this.filters.head(word, key)))
    this.drop.relabel()
    this.element.replaceChildren(...(may('upload') ? [this.drop.element, this.drop.uploads] : []), this.lost, this.messages, this.filters.chips(), this.selection,
      element('div', { class: 'scroll' }, element('table', {}, element('thead', {}, head), this.body)), this.note, this.more)
    this.draw()
    if (focused) document.getElementById(focused)?.focus()
  }
}
