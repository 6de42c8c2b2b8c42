// A radiograph with its heat map laid over it.
import { element } from '../element'
import { Pinch } from './pinch'
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
  private readonly film: HTMLElement
  private readonly pinch: Pinch
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
    this.film = element('div', { class: 'film', tabindex: '0', role: 'group', onpointerdown: (event: PointerEvent) => this.drag(event) }, this.stage)
    this.film.addEventListener('wheel', (event) => {
      if (!event.ctrlKey) return
      event.preventDefault()
      const at = [event.clientX, event.clientY] as const
      this.enlarge(event.deltaY < 0 ? 1.15 : 1 / 1.15, at, at)
    }, { passive: false })
    this.pinch = new Pinch(this.film, { begin: () => {}, pinch: (factor, from, to) => this.enlarge(factor, from, to) })
    this.element.append(this.bar, this.film)
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

  /** Where a network saw it. */
  showHeat(): void {
    this.shown = true
    this.relabel()
  }

  private toggle(): void {
    this.shown = !this.shown
    this.relabel()
  }

  /** What lay at `from` lies at `to` (CSS pixels of the window); the middle stays when not given. */
  private enlarge(factor: number, from = this.middle(), to = from): void {
    const before = this.zoom
    this.zoom = Math.min(8, Math.max(1, before * factor))
    const place = this.film.getBoundingClientRect()
    const grown = this.zoom / before
    const left = (this.film.scrollLeft + from[0] - place.left) * grown - (to[0] - place.left)
    const top = (this.film.scrollTop + from[1] - place.top) * grown - (to[1] - place.top)
    this.show()
    this.film.scrollTo(left, top)
  }

  private middle(): readonly [number, number] {
    const place = this.film.getBoundingClientRect()
    return [place.left + this.film.clientWidth / 2, place.top + this.film.clientHeight / 2]
  }

  /** A picture larger than its place moves with the pointer. */
  private drag(event: PointerEvent): void {
    if (event.button !== 0 || this.pinch.active) return
    this.film.setPointerCapture(event.pointerId)
    let last = [event.clientX, event.clientY] as const
    const follow = (now: PointerEvent) => {
      if (now.pointerId !== event.pointerId) return
      if (!this.pinch.active) this.film.scrollBy(last[0] - now.clientX, last[1] - now.clientY)
      last = [now.clientX, now.clientY]
    }
    const end = (now: PointerEvent) => {
      if (now.pointerId !== event.pointerId) return
      this.film.removeEventListener('pointermove', follow)
      for (const type of ['pointerup', 'pointercancel'] as const) this.film.removeEventListener(type, end)
    }
    this.film.addEventListener('pointermove', follow)
    for (const type of ['pointerup', 'pointercancel'] as const) this.film.addEventListener(type, end)
  }

  private show(): void {
    this.stage.style.width = this.stage.style.height = `${this.zoom * 100}%`
    this.film.classList.toggle('larger', this.zoom > 1)
    this.picture.style.filter = `brightness(${this.light})`
    if (this.heat) this.heat.style.opacity = this.shown ? String(this.share) : '0'
  }

  relabel(): void {
    this.element.setAttribute('aria-label', say('imageViewer'))
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
