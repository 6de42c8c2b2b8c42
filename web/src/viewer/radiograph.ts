// A radiograph with its heat map laid over it.
import { element } from '../element'
import { say } from '../words'

export interface XrayView {
  kind: 'xray'
  picture: string
  overlay: string | null
  width: number
  height: number
}

export class Radiograph {
  readonly element = element('section', { class: 'viewer radiograph' })
  private readonly bar = element('div', { class: 'viewer-bar', role: 'toolbar' })
  private readonly picture: HTMLImageElement
  private readonly heat: HTMLImageElement | null
  private readonly stage: HTMLElement
  private shown = true
  private share = 0.8
  private zoom = 1
  private light = 1

  constructor(view: XrayView, folder: string) {
    const image = (file: string) => element('img', {
      src: `${folder}/${file}`, alt: '', width: String(view.width), height: String(view.height), draggable: 'false',
      onload: () => performance.mark('thorax-first-slice'),
    })
    this.picture = image(view.picture)
    this.heat = view.overlay ? image(view.overlay) : null
    this.stage = element('div', { class: 'stage' }, this.picture, ...(this.heat ? [this.heat] : []))
    this.element.append(this.bar, element('div', { class: 'film', tabindex: '0', role: 'group' }, this.stage))
    this.relabel()
  }

  leave(): void {}

  key(event: KeyboardEvent): boolean {
    if (event.key === 'o' || event.key === 'щ') this.toggle()
    else if (event.key === '+' || event.key === '=') this.enlarge(1.25)
    else if (event.key === '-') this.enlarge(0.8)
    else if (event.key === '0') this.enlarge(1 / this.zoom)
    else return false
    return true
  }

  private toggle(): void {
    this.shown = !this.shown
    this.relabel()
  }

  private enlarge(factor: number): void {
    this.zoom = Math.min(8, Math.max(1, this.zoom * factor))
    this.show()
  }

  private show(): void {
    this.stage.style.width = `${this.zoom * 100}%`
    this.picture.style.filter = `brightness(${this.light})`
    if (this.heat) this.heat.style.opacity = this.shown ? String(this.share) : '0'
  }

  relabel(): void {
    this.element.setAttribute('aria-label', say('viewer'))
    this.picture.alt = say('radiograph')
    const slider = (label: string, value: number, low: string, high: string, act: (value: number) => void) => {
      const made = element('input', {
        type: 'range', min: low, max: high, step: '0.05', value: String(value), title: label, 'aria-label': label,
        oninput: () => { act(Number(made.value)); this.show() },
      })
      return made
    }
    const button = (words: string, title: string, act: () => void) => element('button', { title, onclick: act }, words)
    const heat = this.heat
      ? [element('button', { 'aria-pressed': String(this.shown), title: `${say('heatMap')} (O)`, onclick: () => this.toggle() }, say('heatMap')),
        slider(say('opacity'), this.share, '0', '1', (value) => (this.share = value))]
      : [element('span', { class: 'quiet' }, say('noHeat'))]
    this.bar.setAttribute('aria-label', say('viewerTools'))
    this.bar.replaceChildren(element('div', { class: 'group' }, ...heat),
      element('div', { class: 'group' }, element('span', { class: 'quiet' }, say('brightness')),
        slider(say('brightness'), this.light, '0.5', '2', (value) => (this.light = value))),
      element('div', { class: 'group' }, button('+', say('zoomIn'), () => this.enlarge(1.25)),
        button('−', say('zoomOut'), () => this.enlarge(0.8)), button(say('fit'), `${say('fit')} (0)`, () => this.enlarge(1 / this.zoom))))
    this.show()
  }
}
