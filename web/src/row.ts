// One study of the work list.
import type { Job, Language, Result, Study } from './api'
import { element } from './element'
import { date } from './numbers'
import { may } from './session'
import { addressOf } from './view'
import { say, sayStage } from './words'

export interface Hands {
  cancel(job: Job): void
  retry(job: Job): void
  remove(study: Study): void
  selected(study: Study): boolean
  select(study: Study, on: boolean): void
}

// Shapes as well as colours and words.
const marks = { pathology: '●', uncertain: '◌', normal: '○' }

/** The result that matters most: a pathology before a doubt, anything before a refusal. */
function worst(results: Result[]): Result | undefined {
  const weight = (one: Result) => (one.failure ? -1 : (one.probability ?? 0))
  return [...results].sort((a, b) => weight(b) - weight(a))[0]
}

function person(result: Result | undefined): string {
  if (!result) return ''
  return [result.age === null ? '' : String(Math.round(result.age)), result.sex, date(result.study_date)]
    .filter((word) => word !== '').join(' · ')
}

function verdict(one: Study, result: Result | undefined): HTMLElement {
  if (result?.verdict) {
    const likely = result.probability === null ? '' : ` ${result.probability.toFixed(2)}`
    return element('span', { class: `verdict ${result.verdict}` }, `${marks[result.verdict]} ${say(result.verdict)}${likely}`)
  }
  if (one.job.state === 'failed') return element('span', { class: 'verdict refused' }, `✕ ${say('refused')}`)
  return element('span', {}, '–')
}

function finding(one: Study, result: Result | undefined, language: Language): (Node | string)[] {
  const failure = one.job.failure
  if (failure) return [failure.what[language], element('small', {}, `${failure.todo[language]} (${failure.code})`)]
  return [result?.finding?.said[language] ?? '–']
}

function state(job: Job): (Node | string)[] {
  if (job.state !== 'running') {
    const word = element('span', { class: job.state }, say(job.state))
    if (job.state !== 'done' || !job.started_at || !job.finished_at) return [word]
    const seconds = (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000
    return [word, ` ${seconds.toFixed(1)} ${say('seconds')}`]
  }
  const bar = element('progress', { max: '100', value: String(job.percent), 'aria-label': say('running') })
  return [bar, element('small', {}, `${sayStage(job.stage ?? 'start')} ${Math.floor(job.percent)} %`)]
}

function actions(one: Study, result: Result | undefined, hands: Hands): Node[] {
  const out: Node[] = []
  const link = (href: string, text: string, extra: Record<string, string>) =>
    element('a', { class: 'button', href, ...extra }, text)
  if (result) {
    const folder = `/api/v1/studies/${one.id}`
    out.push(link(addressOf(one.id, result.number), say('open'), {}))
    out.push(link(`${folder}/results/${result.number}/report.html`, say('report'), { target: '_blank', rel: 'noopener' }))
  }
  const { state: now } = one.job
  if ((now === 'queued' || now === 'running') && may('upload'))
    out.push(element('button', { onclick: () => hands.cancel(one.job) }, say('cancel')))
  if ((now === 'failed' || now === 'cancelled') && may('upload'))
    out.push(element('button', { onclick: () => hands.retry(one.job) }, say('retry')))
  if (now !== 'running' && may('remove')) out.push(element('button', { onclick: () => hands.remove(one) }, say('remove')))
  return out
}

export function row(one: Study, language: Language, hands: Hands): HTMLTableRowElement {
  const result = worst(one.results)
  const came = new Date(one.created_at)
  const cell = (...content: (Node | string)[]) => element('td', {}, ...content)
  const name = element('td', { class: 'name' }, element('a', { href: addressOf(one.id, result?.number) }, one.name || '••••'))
  if (person(result)) name.append(element('small', {}, person(result)))
  const kind = result ? say(result.kind) : '–'
  const trust = result ? say(result.trust) : '–'
  const pick: HTMLInputElement = element('input', { type: 'checkbox', 'aria-label': `${say('choose1')} ${one.name}`, onchange: () => hands.select(one, pick.checked) })
  pick.checked = hands.selected(one)
  return element('tr', { id: `study-${one.id}` }, element('td', { class: 'pick' }, pick),
    cell(came.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' }),
      element('small', {}, came.toLocaleDateString(language))),
    name, cell(kind), cell(verdict(one, result)), element('td', { class: 'said' }, ...finding(one, result, language)),
    cell(trust), cell(...state(one.job)),
    element('td', { class: 'actions' }, ...actions(one, result, hands)))
}
