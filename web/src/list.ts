// The work list: studies come in by dropping them, and their rows follow the work as it goes.
import { change, remove, ServiceError, studies, study } from './api'
import type { Job, Language, Study } from './api'
import { Drop } from './drop'
import { element } from './element'
import { row } from './row'
import { say } from './words'
import type { Word } from './words'
import type { View } from './view'

const pageSize = 50
const filters: { word: Word; query: Record<string, string> }[] = [
  { word: 'any', query: {} },
  { word: 'pathology', query: { verdict: 'pathology' } },
  { word: 'uncertain', query: { verdict: 'uncertain' } },
  { word: 'normal', query: { verdict: 'normal' } },
  { word: 'running', query: { state: 'running' } },
  { word: 'failed', query: { state: 'failed' } },
]

export class WorkList implements View {
  readonly element = element('main', { id: 'main' })
  readonly title = 'Thorax'
  private filter = 0
  private search = ''
  private shown = pageSize
  private total = 0
  private list: Study[] | null = null
  private patience = 0
  private readonly body = element('tbody')
  private readonly note = element('p', { class: 'note' })
  private readonly more = element('button', { onclick: () => { this.shown += pageSize; void this.load() } })
  private readonly messages = element('div', { role: 'status', 'aria-live': 'polite' })
  private readonly drop = new Drop((error) => this.complain(error))
  private readonly hands = {
    cancel: (job: Job) => this.act(() => change(job.id, 'cancel')),
    retry: (job: Job) => this.act(() => change(job.id, 'retry')),
    remove: (one: Study) => this.act(async () => {
      if (confirm(say('sure'))) await remove(one.id)
    }),
  }

  constructor(private language: Language) {
    this.build()
    void this.load()
  }

  leave(): void {
    clearTimeout(this.patience)
  }

  relabel(language: Language): void {
    this.language = language
    this.build()
  }

  key(event: KeyboardEvent): boolean {
    if (event.key !== '/' && event.key !== '.') return false
    document.querySelector<HTMLInputElement>('.search input')?.focus()
    return true
  }

  hear(job: Job | null): void {
    void this.act(() => job ? this.follow(job) : this.load())
  }

  private complain(error: unknown): void {
    const known = error instanceof ServiceError ? error.problem : null
    const line = element('div', { class: 'message' }, known ? known.title : say('lost'))
    if (known) line.append(element('small', {}, `${known.detail} (${known.code})`))
    this.messages.replaceChildren(line)
  }

  private async act(work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.messages.replaceChildren()
    } catch (error) {
      this.complain(error)
    }
  }

  private async load(): Promise<void> {
    await this.act(async () => {
      const page = await studies({ ...filters[this.filter]!.query, q: this.search, limit: String(Math.min(this.shown, 1000)) })
      this.list = page.studies
      this.total = page.total
      this.draw()
    })
  }

  /** One row again: its job went on. */
  private async follow(job: Job): Promise<void> {
    const known = this.list?.find((one) => one.id === job.study_id)
    if (!known) return this.load()
    const ended = job.finished_at !== null && known.job.finished_at === null
    known.job = job
    if (ended) Object.assign(known, await study(known.id))
    document.getElementById(`study-${known.id}`)?.replaceWith(row(known, this.language, this.hands))
  }

  private draw(): void {
    this.body.replaceChildren(...(this.list ?? []).map((one) => row(one, this.language, this.hands)))
    const asked = this.search !== '' || this.filter !== 0
    this.note.textContent = this.list === null ? say('loading') : this.list.length ? '' : say(asked ? 'none' : 'empty')
    this.note.hidden = this.note.textContent === ''
    this.more.hidden = this.list === null || this.list.length >= this.total
  }

  private searchField(): HTMLElement {
    const field = element('input', {
      type: 'search', value: this.search, placeholder: say('search'), 'aria-label': say('search'),
      oninput: () => {
        clearTimeout(this.patience)
        this.patience = window.setTimeout(() => { this.search = field.value; void this.load() }, 200)
      },
    })
    return element('div', { class: 'search' }, field)
  }

  private build(): void {
    this.more.textContent = say('more')
    const chips = element('div', { class: 'filters' }, ...filters.map((one, i) => element('button', {
      'aria-pressed': String(i === this.filter),
      onclick: () => { this.filter = i; this.build(); void this.load() },
    }, say(one.word))), element('span', { class: 'gap' }), this.searchField())
    const columns: Word[] = ['when', 'study', 'kind', 'verdict', 'severe', 'trust', 'state', 'actions']
    const head = element('tr', {}, ...columns.map((word) => element('th', { scope: 'col' }, say(word))))
    this.drop.relabel()
    this.element.replaceChildren(this.drop.element, this.drop.uploads, this.messages, chips,
      element('div', { class: 'scroll' }, element('table', {}, element('thead', {}, head), this.body)), this.note, this.more)
    this.draw()
  }
}
