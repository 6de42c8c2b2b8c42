// The cases that a model sees most alike, by their embeddings.
import { fetchJson, ServiceError } from '../api'
import { element } from '../element'
import { number } from '../numbers'
import { table } from '../table'
import { addressOf } from '../view'
import { say } from '../words'

interface Case {
  id: string
  study_id: string | null
  number: number | null
  name: string | null
  verdict: 'normal' | 'pathology' | 'uncertain' | null
  similarity: number
}

interface Answer {
  model: string | null
  cases: Case[]
}

export class Similar {
  private answer: Answer | null = null
  private asked = false
  private problem = ''

  constructor(private readonly folder: string, private readonly changed: () => void, private readonly signal: AbortSignal) {}

  private async load(): Promise<void> {
    if (this.asked) return
    this.asked = true
    try {
      this.answer = await fetchJson<Answer>(`${this.folder}/similar`, this.signal)
    } catch (error) {
      if (this.signal.aborted) return
      this.problem = error instanceof ServiceError ? error.problem.title : say('lost')
    }
    this.changed()
  }

  content(): Node[] {
    void this.load()
    if (this.problem) return [element('p', { class: 'failed' }, this.problem)]
    if (!this.answer) return [element('p', { class: 'quiet' }, say('loading'))]
    const { model, cases } = this.answer
    if (cases.length === 0)
      return [element('p', {}, say('noSimilar')), element('p', { class: 'quiet' }, element('a', { href: '#/map' }, say('map')))]
    return [element('p', { class: 'quiet' }, `${say('similarHow')} ${model ?? ''}`),
      table(['study', 'verdict', 'similarity', 'actions'], cases.map((one) => [one.name ?? one.id, one.verdict ? say(one.verdict) : '–', number(one.similarity, 3),
        one.study_id ? element('a', { href: addressOf(one.study_id, one.number ?? 1) }, say('open')) : '–']), say('similar'))]
  }
}
