// A study beside an earlier one: the same measurements, and what changed. The person chooses the
// earlier study: results hold nothing that names a patient, so the page cannot know whose they are.
import { fetchJson, folderOf, studies } from '../api'
import type { Language, Result, Study } from '../api'
import { element } from '../element'
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

export class Prior {
  private choices: Choice[] | null = null
  private chosen = ''
  private prior: FullResult | null = null

  constructor(private readonly id: string, private readonly number: number, private readonly changed: () => void,
    private readonly signal: AbortSignal) {}

  private async load(kind: string): Promise<void> {
    if (this.choices) return
    this.choices = []
    const page = await studies({ state: 'done', kind, limit: String(offered) })
    this.choices = page.studies.flatMap((study) => study.results.map((result) => ({ study, result })))
      .filter(({ study, result }) => !result.failure && !(study.id === this.id && result.number === this.number))
    this.changed()
  }

  private async choose(value: string): Promise<void> {
    this.chosen = value
    const [id, number] = value.split('/')
    this.prior = id ? await fetchJson<FullResult>(folderOf(id, Number(number)), this.signal) : null
    this.changed()
  }

  content(now: FullResult, language: Language): Node[] {
    void this.load(now.study.kind)
    if (this.choices?.length === 0) return [element('p', { class: 'quiet' }, say('noPriors'))]
    const list: HTMLSelectElement = element('select', { id: 'prior', onchange: () => void this.choose(list.value) },
      element('option', { value: '' }, '–'), ...(this.choices ?? []).map(({ study, result }) =>
        element('option', { value: `${study.id}/${result.number}` }, [study.name, date(result.study_date), result.sex, result.age === null ? '' : String(Math.round(result.age))].filter((one) => one !== '').join(' · '))))
    list.value = this.chosen
    return [element('label', { for: 'prior' }, `${say('priorStudy')} `), list, element('p', { class: 'quiet' }, say('priorHow')),
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
