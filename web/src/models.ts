// The models that answer here: what they are for, whose they are, and their hashes.
import { ask } from './api'
import type { Language } from './api'
import { element } from './element'
import { ModelImport } from './import'
import { message } from './message'
import { bytes, number } from './numbers'
import { may } from './session'
import type { View } from './view'
import { say } from './words'
import type { Word } from './words'

/** How far the service is with a model that comes in. */
export interface ModelNews {
  name: string
  stage: string
  fraction: number
}

interface Model {
  name: string
  version: string
  kind: string
  task: string
  network: string | null
  licence: string
  data: string | null
  parameters: number | null
  place: 'given' | 'user' | 'shipped'
  sha256: string
  files: { name: string; bytes: number; sha256: string }[]
  card: string | null
}

const places: Record<Model['place'], Word> = { given: 'given', user: 'yours', shipped: 'shipped' }

export class ModelsPage implements View {
  readonly element = element('main', { id: 'main', class: 'system' })
  private models: Model[] | null = null
  private problem: unknown = null
  private readonly content = element('div')
  private readonly importer = new ModelImport(() => void this.load())

  constructor() {
    // What a person writes for an import stays there, and in focus, while the models are shown anew.
    this.element.append(this.content, ...(may('admin') ? [this.importer.element] : []))
    this.build()
    void this.load()
  }

  get title(): string {
    return `${say('models')} · Thorax`
  }
  relabel(_: Language): void {
    this.importer.relabel()
    this.build()
  }
  key(): boolean {
    return false
  }
  hear(): void {}
  coming(news: ModelNews): void {
    this.importer.hear(news.stage, news.fraction)
  }
  leave(): void {}

  private async load(): Promise<void> {
    try {
      this.models = (await (await ask('GET', '/api/v1/models')).json()).models
    } catch (error) {
      this.problem = error
    }
    this.build()
  }

  private build(): void {
    const failed = this.problem ? [element('div', { role: 'alert' }, message(this.problem))] : []
    const content = [...failed, ...(this.models?.map((one) => this.card(one)) ?? (this.problem ? [] : [element('p', { class: 'note' }, say('loading'))]))]
    this.content.replaceChildren(element('h2', {}, say('models')), ...content,
      ...(may('admin') ? [] : [element('p', { class: 'quiet' }, say('modelsHow'), ' ', element('code', {}, 'thorax model import'))]))
  }

  private async remove(model: Model): Promise<void> {
    if (!confirm(`${say('sureModel')} ${model.name}`)) return
    this.problem = null
    try {
      await ask('DELETE', `/api/v1/models/${encodeURIComponent(model.name)}`)
      await this.load()
    } catch (error) {
      this.problem = error
      this.build()
    }
  }

  private card(model: Model): HTMLElement {
    const fact = (word: Word, ...value: (Node | string)[]) => [element('dt', {}, say(word)), element('dd', {}, ...value)]
    const code = (text: string) => element('code', {}, text)
    return element('article', { class: 'tile model' }, element('h3', {}, `${model.name} ${model.version}`, element('span', { class: 'gap' }),
      ...(may('admin') && model.place !== 'shipped' ? [element('button', { 'aria-label': `${say('remove')} ${model.name}`, onclick: () => void this.remove(model) }, say('remove'))] : [])),
      element('p', {}, model.task),
      element('dl', {}, ...fact('licence', model.licence || '–'), ...(model.network ? fact('network', model.network) : []),
        ...(model.parameters === null ? [] : fact('parameters', number(model.parameters, 0))),
        ...(model.data ? fact('data', model.data) : []), ...fact('place', say(places[model.place])), ...fact('manifestHash', code(model.sha256)),
        ...model.files.flatMap((file) => fact('file', `${file.name}, ${bytes(file.bytes)} `, code(file.sha256)))),
      ...(model.card ? [element('details', {}, element('summary', {}, say('card')), element('pre', { class: 'card', tabindex: '0' }, model.card))] : []))
  }
}
