// The work list: studies come in by dropping them, and their rows follow the work as it goes.
import { change, remove, ServiceError, speak, studies, study, upload } from './api'
import type { Job, Language, Study } from './api'
import { element } from './element'
import { row } from './row'
import { say, setLanguage } from './words'
import type { Word } from './words'

const pageSize = 50
const filters: { word: Word; query: Record<string, string> }[] = [
  { word: 'any', query: {} },
  { word: 'pathology', query: { verdict: 'pathology' } },
  { word: 'uncertain', query: { verdict: 'uncertain' } },
  { word: 'normal', query: { verdict: 'normal' } },
  { word: 'running', query: { state: 'running' } },
  { word: 'failed', query: { state: 'failed' } },
]

const stored = (key: string): string | null => localStorage.getItem(`thorax-${key}`)
let language: Language = (stored('language') ?? (navigator.language.startsWith('ru') ? 'ru' : 'en')) as Language
let theme = stored('theme') ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark')
let filter = 0
let search = ''
let shown = pageSize
let total = 0
let list: Study[] | null = null

const body = element('tbody')
const note = element('p', { class: 'note' })
const more = element('button', { onclick: () => { shown += pageSize; void load() } })
const messages = element('div', { role: 'status', 'aria-live': 'polite' })
const uploads = element('ul', { class: 'uploads' })

function complain(error: unknown): void {
  const known = error instanceof ServiceError ? error.problem : null
  const line = element('div', { class: 'message' }, known ? known.title : say('lost'))
  if (known) line.append(element('small', {}, `${known.detail} (${known.code})`))
  messages.replaceChildren(line)
}

async function act(work: () => Promise<void>): Promise<void> {
  try {
    await work()
    messages.replaceChildren()
  } catch (error) {
    complain(error)
  }
}

const hands = {
  cancel: (job: Job) => act(() => change(job.id, 'cancel')),
  retry: (job: Job) => act(() => change(job.id, 'retry')),
  remove: (one: Study) => act(async () => {
    if (confirm(say('sure'))) await remove(one.id)
  }),
}

function draw(): void {
  body.replaceChildren(...(list ?? []).map((one) => row(one, language, hands)))
  const asked = search !== '' || filter !== 0
  note.textContent = list === null ? say('loading') : list.length ? '' : say(asked ? 'none' : 'empty')
  note.hidden = note.textContent === ''
  more.hidden = list === null || list.length >= total
}

async function load(): Promise<void> {
  await act(async () => {
    const page = await studies({ ...filters[filter]!.query, q: search, limit: String(Math.min(shown, 1000)) })
    list = page.studies
    total = page.total
    draw()
  })
}

/** One row again: its job went on. */
async function hear(job: Job): Promise<void> {
  const known = list?.find((one) => one.id === job.study_id)
  if (!known) return load()
  const ended = job.finished_at !== null && known.job.finished_at === null
  known.job = job
  if (ended) Object.assign(known, await study(known.id))
  const place = document.getElementById(`study-${known.id}`)
  place?.replaceWith(row(known, language, hands))
}

function listen(): void {
  const events = new EventSource('/api/v1/events')
  events.addEventListener('job', (event) => void act(() => hear(JSON.parse(event.data))))
  for (const type of ['hello', 'study', 'removed', 'reset']) events.addEventListener(type, () => void load())
  events.onerror = () => complain(null)
}

async function send(files: Iterable<File>): Promise<void> {
  for (const file of files) {
    const bar = element('progress', { max: '1', value: '0', 'aria-label': say('sending') })
    const line = element('li', {}, bar, file.name)
    uploads.append(line)
    await act(async () => {
      await upload(file, (share) => (bar.value = share))
    })
    line.remove()
  }
}

function dropZone(): HTMLElement {
  const input = element('input', {
    type: 'file', multiple: '', hidden: '', id: 'files',
    onchange: () => { void send([...(input.files ?? [])]).then(() => (input.value = '')) },
  })
  const zone = element('section', { class: 'drop' }, say('drop'),
    element('button', { onclick: () => input.click() }, say('choose')), input)
  const over = (on: boolean) => (event: DragEvent) => {
    event.preventDefault()
    zone.classList.toggle('over', on)
  }
  zone.ondragover = over(true)
  zone.ondragleave = over(false)
  zone.ondrop = (event) => {
    over(false)(event)
    void send([...(event.dataTransfer?.files ?? [])])
  }
  return zone
}

function heading(): HTMLElement {
  let patience = 0
  const field = element('input', {
    type: 'search', value: search, placeholder: say('search'), 'aria-label': say('search'),
    oninput: () => {
      clearTimeout(patience)
      patience = window.setTimeout(() => { search = field.value; void load() }, 200)
    },
  })
  const languages = (['en', 'ru'] as const).map((one) => element('button', {
    'aria-pressed': String(one === language), lang: one,
    onclick: () => { language = one; localStorage.setItem('thorax-language', one); build() },
  }, one.toUpperCase()))
  const light = element('button', {
    title: say('theme'), 'aria-label': say('theme'),
    onclick: () => {
      theme = theme === 'dark' ? 'light' : 'dark'
      localStorage.setItem('thorax-theme', theme)
      document.documentElement.dataset.theme = theme
    },
  }, '◐')
  return element('header', {}, element('h1', {}, 'Thorax'), element('div', { class: 'search' }, field), ...languages, light)
}

function build(): void {
  setLanguage(language)
  speak(language)
  document.documentElement.lang = language
  document.documentElement.dataset.theme = theme
  more.textContent = say('more')
  const chips = element('div', { class: 'filters' }, ...filters.map((one, i) => element('button', {
    'aria-pressed': String(i === filter),
    onclick: () => { filter = i; build(); void load() },
  }, say(one.word))))
  const columns: Word[] = ['when', 'study', 'kind', 'verdict', 'severe', 'trust', 'state']
  const head = element('tr', {}, ...columns.map((word) => element('th', { scope: 'col' }, say(word))),
    element('th', { scope: 'col', 'aria-label': say('actions') }))
  document.body.replaceChildren(heading(),
    element('main', {}, dropZone(), uploads, messages, chips,
      element('div', { class: 'scroll' }, element('table', {}, element('thead', {}, head), body)), note, more),
    element('footer', {}, say('research')))
  draw()
}

build()
void load()
listen()
