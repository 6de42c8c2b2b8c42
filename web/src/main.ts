// The page: a heading that stays, and under it the view that the address names.
import { speak } from './api'
import type { Job, Language } from './api'
import { element } from './element'
import { help } from './help'
import { WorkList } from './list'
import { setNumberLanguage } from './numbers'
import { StudyPage } from './study/page'
import type { View } from './view'
import { say, setLanguage } from './words'

const stored = (key: string): string | null => localStorage.getItem(`thorax-${key}`)
let language: Language = (stored('language') ?? (navigator.language.startsWith('ru') ? 'ru' : 'en')) as Language
let theme = stored('theme') ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark')
let view: View | null = null

const header = element('header')
const place = element('div', { class: 'view' })
const footer = element('footer')

function viewOf(address: string): View {
  const [, kind, id, number] = address.split('/')
  if (kind === 'study' && id) return new StudyPage(decodeURIComponent(id), Number(number ?? 1), language)
  return new WorkList(language)
}

function go(): void {
  view?.leave()
  view = viewOf(location.hash)
  place.replaceChildren(view.element)
  document.title = view.title
  scrollTo(0, 0)
}

function choose(key: 'language' | 'theme', value: string): void {
  if (key === 'language') language = value as Language
  else theme = value
  localStorage.setItem(`thorax-${key}`, value)
  build()
  if (key === 'language') view?.relabel(language)
}

function build(): void {
  setLanguage(language)
  setNumberLanguage(language)
  speak(language)
  document.documentElement.lang = language
  document.documentElement.dataset.theme = theme
  const languages = (['en', 'ru'] as const).map((one) => element('button', {
    'aria-pressed': String(one === language), lang: one, title: one === 'en' ? 'English' : 'Русский',
    onclick: () => choose('language', one),
  }, one.toUpperCase()))
  const light = element('button', {
    title: say('theme'), 'aria-label': say('theme'), onclick: () => choose('theme', theme === 'dark' ? 'light' : 'dark'),
  }, '◐')
  const questions = element('button', { title: `${say('help')} (?)`, 'aria-label': say('help'), onclick: () => help() }, '?')
  header.replaceChildren(element('h1', {}, element('a', { href: '#/' }, 'Thorax')),
    element('span', { class: 'research' }, say('research')), element('span', { class: 'gap' }), ...languages, light, questions)
  footer.textContent = say('research')
}

function listen(): void {
  const events = new EventSource('/api/v1/events')
  events.addEventListener('job', (event) => view?.hear(JSON.parse(event.data) as Job))
  for (const type of ['hello', 'study', 'removed', 'reset']) events.addEventListener(type, () => view?.hear(null))
}

/** Keys are the view's, except where a person writes or moves through a control. */
function pressed(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return
  const target = event.target as HTMLElement
  if (target.closest('input, textarea, select')) return
  if (event.key === '?') help()
  else if (!view?.key(event)) return
  event.preventDefault()
}

build()
document.body.replaceChildren(header, place, footer)
addEventListener('hashchange', go)
addEventListener('keydown', pressed)
go()
listen()
