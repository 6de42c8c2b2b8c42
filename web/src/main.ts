// The page: a heading that stays, and under it the view that the address names.
import { speak, whenSignInNeeded } from './api'
import type { Job, Language } from './api'
import { element } from './element'
import { help } from './help'
import { WorkList } from './list'
import { MapPage } from './map'
import { ModelsPage } from './models'
import type { ModelNews } from './models'
import { setNumberLanguage } from './numbers'
import { askForPassword } from './password'
import { changePassword, signOut, whoAmI } from './session'
import type { Me } from './session'
import { SignIn } from './signin'
import { StudyPage } from './study/page'
import { SystemPage } from './system'
import type { View } from './view'
import { say, setLanguage } from './words'

const stored = (key: string): string | null => localStorage.getItem(`thorax-${key}`)
let language: Language = (stored('language') ?? (navigator.language.startsWith('ru') ? 'ru' : 'en')) as Language
let theme = stored('theme') ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark')
let view: View | null = null
let me: Me | null = null
let events: EventSource | null = null

const header = element('header')
const place = element('div', { class: 'view' })
const footer = element('footer')

function viewOf(address: string): View {
  const [, kind, id, number] = address.split('/')
  if (kind === 'study' && id) return new StudyPage(decodeURIComponent(id), Number(number ?? 1), language)
  if (kind === 'models') return new ModelsPage()
  if (kind === 'map') return new MapPage()
  if (kind === 'system') return new SystemPage(language)
  return new WorkList(language)
}

function show(next: View): void {
  view?.leave()
  view = next
  place.replaceChildren(view.element)
  document.title = view.title
  scrollTo(0, 0)
}

function go(): void {
  if (!me?.sign_in_needed) show(viewOf(location.hash))
}

function askToSignIn(): void {
  events?.close()
  show(new SignIn(() => void enter()))
}

/** Shows the page to whoever may see it. */
async function enter(): Promise<void> {
  try {
    me = await whoAmI()
  } catch {
    me = null // the view says that the service does not answer
  }
  build()
  if (me?.sign_in_needed) return askToSignIn()
  go()
  listen()
}

async function leave(): Promise<void> {
  await signOut()
  location.reload()
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
    element('nav', { 'aria-label': say('pages') }, element('a', { href: '#/' }, say('list')), element('a', { href: '#/models' }, say('models')), element('a', { href: '#/map' }, say('map')), element('a', { href: '#/system' }, say('system'))),
    element('span', { class: 'research' }, say('research')), element('span', { class: 'gap' }), ...languages, light, questions, ...person())
  footer.textContent = say('research')
}

function person(): Node[] {
  if (!me?.signed_in || !me.user) return []
  const change = () => askForPassword(say('changePassword'), true, async (now, next) => {
    me = await changePassword(now, next)
    listen()
  })
  return [element('button', { title: `${me.role ? say(me.role) : ''}. ${say('changePassword')}`, onclick: change }, me.user),
    element('button', { onclick: () => void leave() }, say('signOut'))]
}

function listen(): void {
  events?.close()
  events = new EventSource('/api/v1/events')
  events.addEventListener('job', (event) => view?.hear(JSON.parse(event.data) as Job))
  events.addEventListener('model', (event) => {
    if (view instanceof ModelsPage) view.coming(JSON.parse(event.data) as ModelNews)
  })
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
whenSignInNeeded(() => { if (!(view instanceof SignIn)) askToSignIn() })
void enter()
