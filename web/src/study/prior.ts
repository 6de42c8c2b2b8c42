// A study beside an earlier one: the same measurements, and what changed. Studies of the same patient
// stand first; a file without a PatientID may be anybody's, so any other can be chosen, too.
import { ask, fetchJson, folderOf, studies } from '../api'
import type { Language, Result, Study } from '../api'
import { element } from '../element'
import { message } from '../message'
import { date, number, quantity } from '../numbers'
import { table } from '../table'
import type { Cell } from '../table'
import { say } from '../words'
import { positiveFindings } from './findings'
import type { FullResult, Measurement } from './result'

const offered = 200

interface Choice {
  study: Study
  result: Result
}

const addressOf = ({ study, result }: Choice): string => `${study.id}/${result.number}`

function option(choice: Choice): HTMLOptionElement {
  const { study, result } = choice
  const words = [study.name, date(result.study_date), result.sex, result.age === null ? '' : String(Math.round(result.age))]
  return element('option', { value: addressOf(choice) }, words.filter((one) => one !== '').join(' · '))
}

export class Prior {
  private choices: Choice[] | null = null
  private own: Choice[] = []
  private chosen = ''
  private prior: FullResult | null = null
  private problem: unknown = null

  constructor(private readonly id: string, private readonly number: number, private readonly changed: () => void,
    private readonly signal: AbortSignal) {}

  /** What it asks for may fail, and is of no use any more when the page has been left. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    this.problem = null
    try {
      await work()
    } catch (error) {
      this.problem = error
    }
    if (!this.signal.aborted) this.changed()
  }

  private load(kind: string): void {
    if (this.choices) return
    this.choices = []
    void this.attempt(() => this.find(kind))
  }

  private async find(kind: string): Promise<void> {
    const mine = (await (await ask('GET', `/api/v1/studies/${this.id}`)).json() as Study).results.find((one) => one.number === this.number)
    const asked = { state: 'done', kind, limit: String(offered) }
    const known = mine?.patient ? (await studies({ ...asked, patient: mine.patient })).studies : []
    const others = (study: Study) => study.results.map((result) => ({ study, result }))
      .filter(({ result }) => !result.failure && !(study.id === this.id && result.number === this.number))
    const earlier = (one: Choice) => one.result.study_date !== '' && one.result.study_date <= (mine?.study_date ?? '')
    this.own = known.flatMap(others).filter(({ result }) => result.patient === mine?.patient)
      .sort((a, b) => Number(earlier(b)) - Number(earlier(a)) || b.result.study_date.localeCompare(a.result.study_date))
    const taken = new Set(this.own.map(addressOf))
    this.choices = (await studies(asked)).studies.flatMap(others).filter((one) => !taken.has(addressOf(one)))
  }

  private choose(value: string): Promise<void> {
    this.chosen = value
    const [id, number] = value.split('/')
    return this.attempt(async () => {
      this.prior = id ? await fetchJson<FullResult>(folderOf(id, Number(number)), this.signal) : null
    })
  }

  content(now: FullResult, language: Language): Node[] {
    this.load(now.study.kind)
    const { choices, own } = this
    if (!choices) return [element('p', { class: 'quiet' }, say('loading'))]
    const problem = this.problem ? [message(this.problem)] : []
    if (choices.length + own.length === 0) return this.problem ? problem : [element('p', { class: 'quiet' }, say('noPriors'))]
    const group = (label: 'samePatient' | 'otherStudies', of: Choice[]) => of.length > 0 ? [element('optgroup', { label: say(label) }, ...of.map(option))] : []
    const list: HTMLSelectElement = element('select', { id: 'prior', onchange: () => void this.choose(list.value) },
      element('option', { value: '' }, '–'), ...group('samePatient', own), ...group('otherStudies', choices))
    list.value = this.chosen
    return [...problem, element('label', { for: 'prior' }, `${say('priorStudy')} `), list, element('p', { class: 'quiet' }, say(own.length > 0 ? 'priorFound' : 'priorHow')),
      ...(this.prior ? this.comparison(now, this.prior, language) : [])]
  }

  private comparison(now: FullResult, then: FullResult, language: Language): Node[] {
    const earlier = new Map(then.measurements.map((one) => [one.id, one]))
    const rows = now.measurements.filter((one) => earlier.has(one.id)).map((one) => row(one, earlier.get(one.id)!, language))
    const names = (result: FullResult) => positiveFindings(result).map((one) => one.name[language])
    const [before, after] = [names(then), names(now)]
    const added = after.filter((name) => !before.includes(name))
    const gone = before.filter((name) => !after.includes(name))
    const part = (word: 'newFindings' | 'goneFindings', list: string[]) => element('p', {}, `${say(word)}: `, element('b', {}, list.join(', ') || '–'))
    return [part('newFindings', added), part('goneFindings', gone),
      table(['measurement', 'then', 'now', 'change'], rows, say('priorStudy'))]
  }
}

function row(now: Measurement, then: Measurement, language: Language): Cell[] {
  const values = [then.name[language], quantity(then.value, now.decimals, now.unit), quantity(now.value, now.decimals, now.unit)]
  if (now.value === null || then.value === null) return [...values, '–']
  const change = now.value - then.value
  const still = Math.abs(change) < 0.5 * 10 ** -now.decimals
  return [...values, still ? '=' : `${change > 0 ? '+' : '−'}${number(Math.abs(change), now.decimals)}`]
}
