// Agree or disagree, with a note: kept beside the result, so that models can be measured against it.
import { ask } from '../api'
import type { Language } from '../api'
import { element } from '../element'
import { account, may } from '../session'
import { say } from '../words'

interface Opinion {
  finding: string | null
  author: string
  agrees: boolean
  note: string
  at: string
}

const verdict = '' // stands where the opinion is of the answer as a whole

export class Feedback {
  private opinions: Opinion[] = []
  private loaded = false
  private lost = false
  private readonly shown = new Map<string, HTMLElement>()

  constructor(private readonly folder: string, private language: Language) {}

  async load(): Promise<void> {
    try {
      await this.take(ask('GET', `${this.folder}/feedback`))
    } catch {
      this.lost = true
      this.draw(verdict)
    }
  }

  private async take(answer: Promise<Response>): Promise<void> {
    this.opinions = (await (await answer).json()).feedback
    this.loaded = true
    for (const finding of this.shown.keys()) this.draw(finding)
  }

  private async send(finding: string, agrees: boolean | null, note: string): Promise<void> {
    const place = this.shown.get(finding)!
    const focused = document.activeElement?.getAttribute('data-part')
    try {
      await this.take(ask('POST', `${this.folder}/feedback`, { finding, agrees, note }))
      if (focused) place.querySelector<HTMLElement>(`[data-part="${focused}"]`)?.focus()
      this.told(finding, say(agrees === null ? 'takenBack' : 'kept'))
    } catch {
      this.told(finding, say('notKept'))
    }
  }

  private told(finding: string, words: string): void {
    this.shown.get(finding)!.querySelector('[role="status"]')!.textContent = words
  }

  /** Of one finding, or of the answer as a whole. */
  content(finding: string, language: Language): HTMLElement {
    this.language = language
    this.shown.set(finding, element('div', { class: 'feedback' }))
    this.draw(finding)
    return this.shown.get(finding)!
  }

  ofVerdict(language: Language): HTMLElement {
    return this.content(verdict, language)
  }

  private draw(finding: string): void {
    const all = this.opinions.filter((one) => (one.finding ?? verdict) === finding)
    const own = all.find((one) => one.author === account())
    const others = all.filter((one) => one !== own).map((one) => element('p', { class: 'quiet' },
      `${one.author}, ${new Date(one.at).toLocaleDateString(this.language)}: ${say(one.agrees ? 'agree' : 'disagree')}${one.note ? ` — ${one.note}` : ''}`))
    const lost = this.lost && finding === verdict ? [element('p', { class: 'quiet', role: 'status' }, say('opinionsLost'))] : []
    this.shown.get(finding)!.replaceChildren(...lost, ...(this.loaded && may('upload') ? [this.form(finding, own)] : []), ...others)
  }

  private form(finding: string, own: Opinion | undefined): HTMLElement {
    const note = element('input', {
      type: 'text', maxlength: '1000', value: own?.note ?? '', placeholder: say('note'), 'aria-label': say('note'), 'data-part': 'note',
      onchange: () => { if (own) void this.send(finding, own.agrees, note.value) },
    })
    // The chosen one again takes the opinion back.
    const button = (agrees: boolean) => element('button', {
      'aria-pressed': String(own?.agrees === agrees), 'data-part': String(agrees),
      onclick: () => void this.send(finding, own?.agrees === agrees ? null : agrees, note.value),
    }, say(agrees ? 'agree' : 'disagree'))
    return element('div', { class: 'group', role: 'group', 'aria-label': say('feedback') }, button(true), button(false), note,
      element('span', { class: 'quiet', role: 'status' }))
  }
}
